"""The house's own rules: what the documents promise is so, and nothing is in a file that must not be."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from tasks.cli import app
from tasks.cli.endings import EXIT_CODES
from tasks.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ["connector", "mappings", "model", "tasks"]


def tracked(*patterns):
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_imports_keep_to_their_contracts():
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports")], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_names_no_address_and_hashes_everything(lock):
    text = (ROOT / "docker" / lock).read_text()

    assert "://" not in text
    pinned = re.findall(r"^[a-z0-9][^ ]*==", text, flags=re.MULTILINE)
    assert len(pinned) > 50
    assert len(re.findall(r"^    --hash=", text, flags=re.MULTILINE)) >= len(pinned)


def test_the_runtime_lock_is_part_of_the_development_lock():
    def pins(lock):
        return set(re.findall(r"^[a-z0-9][^ ;\\]*==[^ ;\\]+", (ROOT / "docker" / lock).read_text(), flags=re.MULTILINE))

    assert pins("requirements.lock") <= pins("requirements-dev.lock")


def test_every_package_has_a_readme_that_says_something():
    for package in PACKAGES:
        assert len((ROOT / package / "README.md").read_text().split()) > 100, package


def test_every_setting_is_documented():
    text = (ROOT / "tasks" / "README.md").read_text()

    for name in Settings.model_fields:
        assert f"`TRUEGRADE_{name.upper()}`" in text, name


def test_every_command_is_documented():
    text = (ROOT / "README.md").read_text() + (ROOT / "tasks" / "README.md").read_text()
    commands = typer.main.get_command(app).commands

    for name in commands:
        assert re.search(rf"`(\./dev truegrade |truegrade )?{name}\b|truegrade {name}\b", text), name


def test_every_exit_code_is_documented():
    text = (ROOT / "README.md").read_text()

    for code, meaning in EXIT_CODES.items():
        assert f"| {code} | {meaning} |" in text


def test_every_module_says_what_it_is():
    for path in tracked(*(f"{package}/**/*.py" for package in PACKAGES), *(f"{package}/*.py" for package in PACKAGES)):
        text = path.read_text()
        assert not text.strip() or text.lstrip().startswith(('"""', 'r"""')), path


def test_no_module_has_a_name_that_says_nothing():
    banned = {"utils", "helpers", "common", "misc", "base", "manager", "managers", "util", "helper"}

    assert not [path for path in tracked("*.py") if banned & set(path.relative_to(ROOT).with_suffix("").parts)]


def test_no_file_names_a_path_of_some_machine():
    needle = re.compile("(^|[^A-Za-z])/(wo" + "rk|home/[a-z]+|root)/")

    for path in tracked():
        if path.suffix in {".gz", ".cbm", ".parquet", ".png"}:
            continue
        assert not needle.search(path.read_text(encoding="utf-8")), path


def test_a_decision_fits_one_screen():
    for path in tracked(".github/decisions/*.md"):
        assert len(path.read_text().splitlines()) <= 40, path


def test_the_top_level_holds_only_what_belongs_there():
    names = {path.relative_to(ROOT).parts[0] for path in tracked()}

    assert {name for name in names if not name.startswith(".")} <= {
        "pyproject.toml", "connector", "tasks", "mappings", "model", "tests", "docker", "README.md", "dev", "LICENSE",
        "CHANGELOG.md",
    }  # fmt: skip
