"""`./dev check crm-assets`: runs every offline check of what ships inside both CRMs, and says where the pictures lie.

`--json` prints one object for machines. Ends with 0 if all passed, 1 if any failed, 3 if something is missing here.
"""

import argparse
import json
import sys

from tests.assets.checks import Outcome, checks_in, last_lines, run
from tests.assets.workspace import ROOT, CannotPrepare, Workspace, prepared

FAILED, MISSING = 1, 3


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev check crm-assets", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    options = parser.parse_args(arguments)
    try:
        with prepared() as workspace:
            return told(workspace, as_json=options.json)
    except CannotPrepare as missing:
        print(json.dumps({"passed": False, "missing": str(missing)}) if options.json else f"crm-assets: {missing}")
        return MISSING


def told(workspace: Workspace, *, as_json: bool) -> int:
    outcomes = []
    for check in checks_in(workspace):
        if not as_json:
            print(f"== {check.name}: {check.about}", flush=True)
        outcomes.append(run(check))
        if not as_json:
            print(line_for(outcomes[-1]), flush=True)
    failed = [outcome.check.name for outcome in outcomes if not outcome.passed]
    pictures = workspace.screenshots.relative_to(ROOT)
    if as_json:
        print(json.dumps(report(outcomes, str(pictures)), indent=2))
    else:
        print(f"Pictures of every state: {pictures}")
        print(f"crm-assets: {', '.join(failed)} failed" if failed else f"crm-assets: all {len(outcomes)} passed")
    return FAILED if failed else 0


def line_for(outcome: Outcome) -> str:
    if not outcome.passed:
        return f"{last_lines(outcome.output)}\n   failed after {outcome.seconds} s"
    counted = "" if outcome.counted is None else f", {outcome.counted} looked at"
    return f"   passed in {outcome.seconds} s{counted}"


def report(outcomes: list[Outcome], pictures: str) -> dict[str, object]:
    """Tell all that ran, as plain values."""
    checks = [
        {
            "name": outcome.check.name,
            "about": outcome.check.about,
            "passed": outcome.passed,
            "seconds": outcome.seconds,
            "counted": outcome.counted,
            **({} if outcome.passed else {"output": last_lines(outcome.output)}),
        }
        for outcome in outcomes
    ]
    return {"passed": all(outcome.passed for outcome in outcomes), "screenshots": pictures, "checks": checks}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
