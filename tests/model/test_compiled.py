import os
import subprocess
import sys
from pathlib import Path

import pytest

import model.compiled

TWICE = """
import sys
from model.compiled import compiled

@compiled
def twice(number):
    return 2 * number

print(twice(21))
"""


def run(folder, **environment):
    (folder / "model").mkdir(exist_ok=True)
    (folder / "model" / "compiled.py").write_bytes(Path(model.compiled.__file__).read_bytes())
    (folder / "twice.py").write_text(TWICE)
    return subprocess.run(
        [sys.executable, "-B", "twice.py"],
        env={"PATH": os.environ["PATH"]} | environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_computes_and_keeps_the_result_beside_the_code(tmp_path):
    done = run(tmp_path, HOME=str(tmp_path))

    assert done.stdout.strip() == "42", done.stderr
    assert list((tmp_path / "__pycache__").glob("twice*.nbc"))


@pytest.mark.parametrize("home", [{"HOME": "/dev/null"}, {}])
def test_it_computes_where_nothing_can_be_kept(tmp_path, home):
    (tmp_path / "__pycache__").touch()  # a file where the folder should be

    done = run(tmp_path, **home)

    assert done.stdout.strip() == "42", done.stderr
    assert not (tmp_path / "~").exists()
