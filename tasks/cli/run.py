"""Commands that run the verbs: pull, train, score, push, and sync (all of them)."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from tasks import previews, run
from tasks.cli import csv
from tasks.cli.endings import DONE, EXPECTED, REFUSED, concerning, exit_code, sentence
from tasks.cli.options import Home, Json, Names, chosen, wiring_of
from tasks.cli.preview import show_waiting
from tasks.screens import OnProgress, as_json, counted, counted_records, note, progress, say, table, verbatim
from tasks.wiring import Wiring

Work = Callable[[Wiring, str, OnProgress], dict[str, Any]]


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    for command in (pull, train, score, push, sync):
        app.command()(command)


Sweep = Annotated[bool, typer.Option("--sweep", help="Look for deletions that polling cannot see, too.")]
Reload = Annotated[bool, typer.Option("--reload", help="Read everything once more; finds changed formula fields.")]
History = Annotated[
    bool,
    typer.Option("--history", help="Read what mapped fields held before, too, where the CRM keeps it; many calls."),
]
RetryRefused = Annotated[
    bool, typer.Option("--retry-refused", help="Send again what the CRM refused, because the cause was mended.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Write nothing; say what would be written, at what cost.")]
Force = Annotated[bool, typer.Option("--force", help="Let the new model score even if it is not better.")]
Train = Annotated[bool, typer.Option("--train", help="Learn a new model even if there is one.")]


def pull(
    names: Names = None,
    sweep: Sweep = False,
    reload: Reload = False,
    history: History = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Read what changed in the CRM into the store; the first time, everything."""
    _run("pulled", names, home, json, lambda *on: run.pull(*on, sweep=sweep, reload=reload, history=history))


def train(
    names: Names = None,
    force: Force = False,
    table: csv.Csv = None,
    label: csv.Label = None,
    positive: csv.Positive = None,
    time: csv.Time = None,
    group: csv.Group = None,
    identifier: csv.Id = None,
    drop: csv.Drop = None,
    categorical: csv.Categorical = None,
    keep: csv.Keep = None,
    out: csv.Models = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Learn a new model from the leads whose horizon has passed; it takes over if it is better by more than noise.

    With --csv from a table, without any CRM: the model is kept in a folder, with its report.
    """
    if table is not None:
        columns = csv.columns_of(label, positive, time, group, identifier, drop, categorical, keep)
        csv.trained(table, columns, out=out, home=home, json=json)
        return
    _run("trained", names, home, json, lambda *on: run.train(*on, force=force))


def score(
    names: Names = None,
    table: csv.Unscored = None,
    model: csv.Model = None,
    identifier: csv.Id = None,
    out: csv.Scored = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Score the leads whose mapped inputs changed, or all under a new model.

    With --csv the rows of a table, with a model that `train --csv` kept in a folder.
    """
    if table is not None:
        csv.scored(table, model, out, identifier=identifier, json=json)
        return
    _run("scored", names, home, json, run.score)


def push(
    names: Names = None,
    retry_refused: RetryRefused = False,
    dry_run: DryRun = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Write to the CRM what differs from what was last written."""
    if dry_run:
        _look_at(names, home, json, retry_refused=retry_refused)
        return
    _run("pushed", names, home, json, lambda *on: run.push(*on, retry_refused=retry_refused))


def sync(names: Names = None, train: Train = False, home: Home = None, json: Json = False) -> None:
    """Pull, train when there is no model yet or the market has shifted, score, push, measure the drift."""
    _run("synced", names, home, json, lambda *on: run.sync(*on, train=train).as_dict())


def _look_at(names: list[str] | None, home: Home, json: bool, *, retry_refused: bool) -> None:
    """Say of each connection what a push would do now."""
    wiring = wiring_of(home)
    found: dict[str, dict[str, Any]] = {}
    for name in chosen(wiring, names):
        with concerning(name), progress(f"{name}:") as on_progress:
            found[name] = previews.waiting(wiring, name, retry_refused=retry_refused, on_progress=on_progress)
    if json:
        as_json({"connections": found})
        return
    for told in found.values():
        show_waiting(told)


def _run(what: str, names: list[str] | None, home: Home, json: bool, work: Work) -> None:
    """Do the work for each connection, one after the other, and show its counts.

    What stops one of several connections does not stop the others; the exit code is that of the first one stopped.
    """
    wiring = wiring_of(home)
    connections = chosen(wiring, names)
    results: dict[str, dict[str, Any]] = {}
    stopped: dict[str, Exception] = {}
    for name in connections:
        try:
            with concerning(name), progress(f"{name}:") as on_progress:
                results[name] = work(wiring, name, on_progress)
        except EXPECTED as error:
            if len(connections) == 1:
                raise
            stopped[name] = error
    refused = sum(int(counts.get("refused", 0)) for counts in results.values())
    if json:
        _tell_machines(results, stopped)
    else:
        _tell_people(what, results, stopped)
    raise typer.Exit(next(map(exit_code, stopped.values()), REFUSED if refused else DONE))


def _tell_machines(results: dict[str, dict[str, Any]], stopped: dict[str, Exception]) -> None:
    told: dict[str, Any] = {"connections": results}
    if stopped:
        told["stopped"] = {
            name: {"error": type(error).__name__, "message": sentence(error), "exit_code": exit_code(error)}
            for name, error in stopped.items()
        }
    as_json(told)


def _tell_people(what: str, results: dict[str, dict[str, Any]], stopped: dict[str, Exception]) -> None:
    for name, counts in results.items():
        table(f"{name}: {what}", ("", "", "what it means"), _rows(counts), right=(1,))
        if "told" in counts:
            say(verbatim(counts["told"]))
        if refused := int(counts.get("refused", 0)):
            was = "was" if refused == 1 else "were"
            say(f"{counted(refused, 'row')} {was} refused by the CRM; `truegrade refusals {name}` shows which and why.")
            say(f"Once the causes are mended, `truegrade refusals {name} --retry` queues them for the next push.")
    for name, error in stopped.items():
        told = sentence(error)
        note(f"truegrade: {told}" if told.startswith(name) else f"truegrade: {name}: {told}")


def _rows(counts: dict[str, Any]) -> list[tuple[str, object, str]]:
    """Show each count with its meaning; what is counted by entity shows in one line."""
    rows: list[tuple[str, object, str]] = []
    for name, value in counts.items():
        if name == "entities":
            held = ", ".join(counted_records(entity["pulled"], kind) for kind, entity in value.items())
            rows.insert(1, ("", "", held))
        elif name == "history":
            rows += [_past(kind, changes) for kind, changes in value.items()]
        elif name == "companies":
            rows += [
                (f"  {term}", number, OF_COMPANIES[term])
                for term, number in value.items()
                if term in OF_COMPANIES and number
            ]
        elif name == "written_back":
            rows += [(f"  {term}", number, BACK[term]) for term, number in value.items() if term in BACK and number]
        elif name in MEANINGS and value is not None:
            rows.append((MEANINGS[name][0], value, MEANINGS[name][1]))
    return rows


def _past(kind: str, changes: int | None) -> tuple[str, object, str]:
    if changes is None:
        return (f"history of {kind}", "none", "this CRM keeps none, or does not show it to this user")
    return (f"history of {kind}", changes, "changes of mapped fields that the CRM's own field history tells")


# What the verbs count, in a person's words; what is not here is for machines.
MEANINGS = {
    "pulled": ("pulled", "records that the CRM sent; a poll goes back a few minutes and meets known ones again"),
    "pulled_new": ("  new", ""),
    "pulled_changed": ("  changed", "a mapped field differs"),
    "pulled_unchanged": ("  unchanged", "known as they are: met again, or changed in fields that are not mapped"),
    "pulled_deleted": ("  deleted", ""),
    "pulled_merged": ("  merged", "into another record"),
    "model": ("model", "the one that was learned now"),
    "verdict": ("verdict", "champion: it scores; replaced: it beat the old one; stayed: the old one stays"),
    "drift": ("drift", "of the newest leads from those learned from; `truegrade status` tells more"),
    "examples": ("examples", "leads that it was learned from and tested on"),
    "looked_at": ("looked at", "leads that something may have changed for"),
    "same_inputs": ("  same inputs", "not scored again: no mapped input differs"),
    "scored": ("  scored", ""),
    "carried": ("carried over", "scores that waited from an earlier run"),
    "pending": ("  to be written", ""),
    "taken": ("taken", "scores that waited to be written"),
    "written": ("  written", ""),
    "unchanged": ("  unchanged", "the CRM holds these values already"),
    "refused": ("  refused", "by the CRM"),
    "superseded": ("  superseded", "a newer score took their place"),
    "excluded": ("  left alone", "converted, customers already, merged or deleted"),
    "parked": ("  parked", "until the CRM's budget of calls returns"),
}
# What companies get from their open leads.
OF_COMPANIES = {
    "reckoned": "companies whose open leads may have moved",
    "taken": "companies with values that waited to be written",
    "written": "companies written",
    "held": "companies not written: the CRM holds these values already",
    "refused": "companies refused by the CRM; see `truegrade refusals`",
    "excluded": "companies left alone: deleted or merged",
    "gone": "companies let go: they are no more",
    "parked": "companies not written yet: until the CRM's budget of calls returns",
    "unready": "companies not written yet: our fields on them are missing; run `truegrade provision`",
}
# Values of enrichment that were to be written to fields of the CRM's own.
BACK = {
    "taken": "enriched values that waited to be written back",
    "written": "written back",
    "left": "not written back: somebody has written there, or the mapping asks for it no more",
    "refused": "not written back: refused by the CRM, or by its describe beforehand; see `truegrade refusals`",
    "excluded": "not written back: converted, merged or deleted",
    "parked": "not written back yet: until the CRM's budget of calls returns",
}
