import re
import subprocess
import sys
from pathlib import Path

from mappings.file.load import parse
from tests.mappings.conftest import MINIMAL
from tests.mappings.reference import README, renewed, tables

ROOT = Path(README).parent.parent
COMMAND = "./dev python -m tests.mappings.reference"


def test_the_readme_tells_what_the_code_knows():
    text = README.read_text(encoding="utf-8")

    assert renewed(text) == text, f"run `{COMMAND}`"
    for name in tables():
        assert f"<!-- {name}: generated -->" in text


def test_the_documented_features_load():
    found = re.findall(r"(?:^    (?:- name: |  \w).*\n)+", README.read_text(encoding="utf-8"), flags=re.MULTILINE)
    features = [snippet for snippet in found if "kind:" in snippet]
    text = MINIMAL.partition("features:")[0] + "features:\n" + "".join(features)

    assert {rule.feature.name for rule in parse(text, "README.md").rules} >= {"recent_calls", "answered", "revenue_usd"}


def test_the_documented_command_renews_it(tmp_path):
    text = README.read_text(encoding="utf-8")
    assert f"{COMMAND}\n" in text
    stale = tmp_path / "README.md"
    stale.write_text(text.replace("| `trim` |", "| `trm` |"), encoding="utf-8")

    subprocess.run([sys.executable, "-m", *COMMAND.split()[3:], str(stale)], check=True, cwd=ROOT)

    assert stale.read_text(encoding="utf-8") == text
