"""The offline checks of what ships inside both CRMs: which there are, running them, and what came of each."""

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.assets.workspace import ROOT, Workspace

COUNTED = re.compile(r"Tests:? +(\d+) passed|^(\d+) passed|\"shots\": (\d+)", re.MULTILINE)
LAST_LINES = 40
SOURCES = "{salesforce,hubspot,tests}/**/*.{js,mjs,cjs,ts,tsx,css,html}"


@dataclass(frozen=True, slots=True)
class Check:
    """One command; `about` is what it proves."""

    name: str
    about: str
    command: tuple[str, ...]
    folder: Path


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a check; `counted` is how many tests or pictures it told of, None where it tells none."""

    check: Check
    passed: bool
    seconds: float
    counted: int | None
    output: str


def checks_in(workspace: Workspace) -> list[Check]:
    """List the checks in the order in which they run; the last one needs what the two before it have made."""

    def node(name: str, about: str, script: str, *arguments: str, folder: str = "") -> Check:
        program = str(workspace.home / script)
        return Check(name, about, (*workspace.node, program, *arguments), workspace.home / folder)

    eslint = "node_modules/eslint/bin/eslint.js"
    strict = ("--max-warnings", "0", "-c")
    cards = "hubspot/src/app/cards/tsconfig.json"
    pytest = (sys.executable, "-m", "pytest", "-n0", "-q", "tests/assets")
    return [
        Check("metadata", "metadata against the vendor's WSDL, names and texts against the mapping", pytest, ROOT),
        node("format", "the layout of all sources (Prettier)", "node_modules/prettier/bin/prettier.cjs", "--check",
             "--config", "prettier.config.mjs", SOURCES),
        node("lightning lint", "Salesforce's rules for Lightning components and SLDS 2", eslint, *strict,
             "tests/lightning/eslint.config.mjs", "salesforce"),
        node("lightning tests", "the Lightning component in every state (Jest)", "node_modules/jest/bin/jest.js",
             "--config", "../tests/lightning/jest.config.cjs", folder="salesforce"),
        node("card lint", "HubSpot's rules for cards", eslint, *strict, "tests/card/eslint.config.mjs", "hubspot"),
        node("card project", "HubSpot's own reader finds the app and its cards", "tests/card/project.mjs"),
        node("card types", "the card's TypeScript", "node_modules/typescript/bin/tsc", "-p", cards),
        node("card tests", "the card in every state (HubSpot's testing library)", "node_modules/vitest/vitest.mjs",
             "run", "--config", "tests/card/vitest.config.mjs"),
        node("lightning bundle", "the component compiles", "node_modules/rollup/dist/bin/rollup", "--silent", "-c",
             "tests/browser/rollup.config.mjs"),
        node("card bundle", "the card bundles", "tests/browser/card.mjs"),
        node("browser", "both in Chromium: every state, width, theme; axe, keyboard, 200 % zoom",
             "tests/browser/shoot.mjs", workspace.chromium, str(workspace.screenshots)),
    ]  # fmt: skip


def run(check: Check) -> Outcome:
    """Run a check; what it wrote is kept."""
    started = time.monotonic()
    env = {key: value for key, value in os.environ.items() if key != "FORCE_COLOR"} | {"NO_COLOR": "1", "CI": "1"}
    done = subprocess.run(check.command, cwd=check.folder, env=env, capture_output=True, text=True, check=False)
    output = done.stdout + done.stderr
    counts = [int(number) for found in COUNTED.findall(output) for number in found if number]
    seconds = round(time.monotonic() - started, 1)
    return Outcome(check, done.returncode == 0, seconds, counts[-1] if counts else None, output)


def last_lines(output: str) -> str:
    """Cut an output to what a person reads first."""
    return "\n".join(output.rstrip().splitlines()[-LAST_LINES:])
