"""Commands that run the verbs: pull, train, score, push, and sync (all of them)."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from tasks import run
from tasks.cli.options import Home, Json, Names, chosen, wiring_of
from tasks.screens import OnProgress, as_json, number, progress, say, table
from tasks.wiring import Wiring

Work = Callable[[Wiring, str, OnProgress], dict[str, Any]]

REFUSED = 7


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    for command in (pull, train, score, push, sync):
        app.command()(command)


Sweep = Annotated[bool, typer.Option("--sweep", help="Look for deletions that polling cannot see, too.")]
Reload = Annotated[bool, typer.Option("--reload", help="Read everything once more; finds changed formula fields.")]
RetryRefused = Annotated[
    bool, typer.Option("--retry-refused", help="Send again what the CRM refused, because the cause was mended.")
]
Train = Annotated[bool, typer.Option("--train", help="Learn a new model even if there is one.")]


def pull(
    names: Names = None, sweep: Sweep = False, reload: Reload = False, home: Home = None, json: Json = False
) -> None:
    """Read what changed in the CRM into the store; the first time, everything."""
    _run("pulled", names, home, json, lambda *on: run.pull(*on, sweep=sweep, reload=reload))


def train(names: Names = None, home: Home = None, json: Json = False) -> None:
    """Learn a new model from the leads whose horizon has passed."""
    _run("trained", names, home, json, run.train)


def score(names: Names = None, home: Home = None, json: Json = False) -> None:
    """Score the leads whose mapped inputs changed, or all under a new model."""
    _run("scored", names, home, json, run.score)


def push(names: Names = None, retry_refused: RetryRefused = False, home: Home = None, json: Json = False) -> None:
    """Write to the CRM what differs from what was last written."""
    _run("pushed", names, home, json, lambda *on: run.push(*on, retry_refused=retry_refused))


def sync(names: Names = None, train: Train = False, home: Home = None, json: Json = False) -> None:
    """Pull, train when there is no model yet, score, push."""
    _run("synced", names, home, json, lambda *on: run.sync(*on, train=train).as_dict())


def _run(what: str, names: list[str] | None, home: Home, json: bool, work: Work) -> None:
    """Do the work for each connection, one after the other, and show its counts."""
    wiring = wiring_of(home)
    results: dict[str, dict[str, Any]] = {}
    for name in chosen(wiring, names):
        with progress(f"{name}:") as on_progress:
            results[name] = work(wiring, name, on_progress)
    if json:
        as_json({"connections": results})
    else:
        for name, counts in results.items():
            table(f"{name}: {what}", ("", "count"), _rows(counts), right=(1,))
    refused = sum(int(counts.get("refused", 0)) for counts in results.values())
    if refused:
        if not json:
            say(f"{number(refused)} rows were refused by the CRM; `truegrade status` shows why.")
            say("Once the causes are mended, `truegrade push --retry-refused` sends them again.")
        raise typer.Exit(REFUSED)


def _rows(counts: dict[str, Any]) -> list[tuple[str, object]]:
    return [(name.replace("_", " "), value) for name, value in counts.items() if not isinstance(value, dict | list)]
