"""The command line `truegrade` as a test gives it: in a process of its own, or in this one.

In this one it starts at the same entry with the words typed, an environment without settings of ours and streams of
its own, and ends with its exit code: only the start of Python and of the libraries, seconds each time, is saved.
What a process alone can show (signals, limits, two at once, its working folder) is given in one of its own.
"""

import json
import logging
import os
import subprocess
import sys
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
import structlog

from tasks.cli import main

PROGRAM = Path(sys.executable).parent / "truegrade"
# How good a model gets is measured elsewhere; on few leads a second thread of the learner only waits for the first.
QUICKLY = {"TRUEGRADE_RECIPE": "quick", "TRUEGRADE_THREADS": "1"}


@dataclass
class Told:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out.strip().splitlines()[-1])


def truegrade(*arguments, home=None, cwd=None, timeout=240, preexec_fn=None, **environment):
    """Run the command line in a process of its own, with nothing of ours in its environment but how to learn fast."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TRUEGRADE_")}
    options = {"cwd": cwd, "timeout": timeout, "preexec_fn": preexec_fn, "env": kept | QUICKLY | environment}
    command = [str(PROGRAM), *_words(arguments, home)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    return Told(done.returncode, done.stdout, done.stderr)


def truegrade_here(*arguments, home=None, cwd=None, **environment):
    """Run the command line in this process."""
    out, err = StringIO(), StringIO()
    with pytest.MonkeyPatch.context() as patch, log_as_before(), redirect_stdout(out), redirect_stderr(err):
        for name in [name for name in os.environ if name.startswith("TRUEGRADE_")]:
            patch.delenv(name)
        for name, value in (QUICKLY | environment).items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", [str(PROGRAM), *_words(arguments, home)])
        if cwd is not None:
            patch.chdir(cwd)
        code = _ended()
    return Told(code, out.getvalue(), err.getvalue())


def _words(arguments, home):
    return [*map(str, arguments), *(() if home is None else ("--home", str(home)))]


def _ended():
    """Run the entry of the program; give the exit code that the process would have ended with."""
    try:
        main()
    except SystemExit as end:
        return end.code or 0
    return 0


@contextmanager
def log_as_before():
    """Put the log back as it was: a command sets it up as it wants it, which other tests read."""
    root = logging.getLogger()
    before, handlers, level = structlog.get_config(), root.handlers[:], root.level
    try:
        yield
    finally:
        structlog.configure(**before)
        root.handlers[:] = handlers
        root.setLevel(level)
