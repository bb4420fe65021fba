"""The command preview: what a mapping or a model would do to the leads, before anything is written."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from connector.errors import Misconfigured
from tasks import previews
from tasks.cli.endings import concerning
from tasks.cli.options import Home, Json, Name, wiring_of
from tasks.previewrows import Export, drain
from tasks.screens import as_json, counted, note, number, progress, say, table, verbatim
from tasks.store import withheld
from tasks.wiring import Wiring

SAMPLE = 1_000
EVERY = "all"
BAR = 24  # characters of the longest bar

File = Annotated[Path | None, typer.Option("--file", help="A candidate mapping; else the one in force.")]
Model = Annotated[str | None, typer.Option("--model", help="Score with this version, or with points.")]
Where = Annotated[list[str] | None, typer.Option("--where", help="FIELD=VALUE of a mapped field; may be repeated.")]
Some = Annotated[str, typer.Option("--sample", help="How many of the leads to look at, or all.")]
Out = Annotated[Path | None, typer.Option("--out", help="Write a row for each lead: a .csv or .parquet file.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace that file.")]


def add_to(app: typer.Typer) -> None:
    """Register this command."""
    app.command()(preview)


def preview(
    name: Name,
    file: File = None,
    model: Model = None,
    where: Where = None,
    sample: Some = str(SAMPLE),
    out: Out = None,
    overwrite: Overwrite = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Say what a mapping would do to the leads: scores, grades and values before and after. Writes nothing."""
    number_of = _sample(sample)
    wiring = wiring_of(home)
    wiring.connection(name)
    export = _export(out, overwrite=overwrite)
    with concerning(name), nobody_erased(wiring, name, out), progress(f"{name}:") as on_progress:
        asked: dict[str, Any] = {"file": file, "model": model, "where": where or (), "sample": number_of}
        told = previews.preview(wiring, name, **asked, export=export, say=note, on_progress=on_progress)
    if out is not None:
        told["path"] = str(out)
    if json:
        as_json(told)
        return
    show(told)
    if file is not None:
        _show_promotion(name, file, told["promote_refuses"])


def _show_promotion(name: str, file: Path, refuses: list[str]) -> None:
    if refuses:
        for lacking in refuses:
            say(verbatim(f"`truegrade map promote` would refuse this mapping: {lacking}."))
        return
    say(f"To put it in force: `truegrade map promote {name} {verbatim(str(file))} --because WHY`.")


@contextmanager
def nobody_erased(wiring: Wiring, name: str, out: Path | None) -> Iterator[None]:
    """Keep nothing of a block during which a person was erased: what it read before may be about that person."""
    before = withheld.number(wiring.store, name)
    yield
    if withheld.number(wiring.store, name) != before:
        if out is not None:
            out.unlink(missing_ok=True)
        raise Misconfigured(f"Somebody was erased from {name} while this was looked at.", fix="Run it again.")


def _sample(typed: str) -> int | None:
    if typed == EVERY:
        return None
    if not typed.isdecimal() or int(typed) < 1:
        raise Misconfigured(f"--sample {typed} is no number of leads.", fix="Write a number, or all.")
    return int(typed)


def _export(out: Path | None, *, overwrite: bool) -> Export:
    if out is None:
        return drain
    from tasks.previewfile import exporter  # noqa: PLC0415  loads Polars, which a help text does without

    return exporter(out, overwrite=overwrite)


def show(told: dict[str, Any]) -> None:
    """Show a preview, as `previews.preview` tells it, to people."""
    name, of = told["connection"], told["leads"]
    which = "" if told["selection"] == "all leads" else f" ({told['selection']})"
    looked = f"{told['looked_at']:,} of {counted(of, 'lead')}{which}"
    title = f"{name}: {looked}, scored by {told['mapping']} with model {told['model']}"
    table(verbatim(title), ("", "", "what it means"), _ends(told), right=(1,))
    if not of:
        say(f"No lead of {name} is meant: check what --where, --created-from and --created-to say.")
        return
    _show_not_ready(told)
    if told["unpulled"]:
        say(verbatim(f"Not pulled yet, and taken as empty here: {', '.join(told['unpulled'])}."))
        if told["looked_at"] == of:
            say(f"`--sample {SAMPLE}` reads them for so many leads and their companies, and keeps nothing.")
        say(f"Promoting it lets the next sync, or `truegrade pull {name}`, read them; preview it again then.")
    for step in told["steps"]:
        say(verbatim(step))
    _show_spread("Grades", told["grades"])
    _show_spread("Scores", [_tens(counts) for counts in told["scores"]])
    if told["fields"]:
        table("Fields that would change", ("field", "leads"), list(told["fields"].items()), right=(1,))
    _show_moved(told["moved_most"])
    _show_companies(told)
    show_push(told)


def _show_not_ready(told: dict[str, Any]) -> None:
    for lacking in told["not_ready"]:
        stops = "A sync would stop" if lacking.startswith("read ") else "A push would stop before its first row"
        stops = "Companies would get nothing, and leads all" if lacking.startswith("write company ") else stops
        say(verbatim(f"{stops}: {lacking}"))


def _ends(told: dict[str, Any]) -> list[tuple[str, int, str]]:
    return [(words, told[end], meaning) for end, (words, meaning) in ENDS.items() if told[end] or end in ALWAYS]


ALWAYS = ("write", "unchanged", "excluded")
ENDS = {
    "looked_at": ("looked at", ""),
    "write": ("  to be written", "their values differ from what was last written"),
    "unchanged": ("  unchanged", "nothing would be sent"),
    "refused": ("  refused", "the CRM's describe says that it would refuse them"),
    "kept_back": ("  kept back", "refused before, until a person mends the cause; see `truegrade refusals`"),
    "excluded": ("  left alone", "converted, or customers already"),
}


def _tens(counts: dict[str, int]) -> dict[str, int]:
    return {f"{max(1, int(ten))} to {int(ten) + 9}": leads for ten, leads in counts.items()}


def _show_spread(title: str, counts: list[dict[str, int]]) -> None:
    """Show how many leads each grade, or each ten of scores, has before and after, with a small bar."""
    names = list(dict.fromkeys(name for side in counts for name in side))
    most = max((count for side in counts for count in side.values()), default=0)
    if not most:
        return
    cells = [(name, *(_bar(side.get(name, 0), most) for side in counts)) for name in names]
    rows = [(name, counts[0].get(name, 0), was, counts[1].get(name, 0), then) for name, was, then in cells]
    table(title, ("", "now", "", "then", ""), rows, right=(1, 3))


def _bar(count: int, most: int) -> str:
    return "█" * (max(1, round(BAR * count / most)) if count else 0)


def _show_moved(leads: list[dict[str, Any]]) -> None:
    if not leads:
        return
    rows = [(one["lead"], _from_to(one, "score"), _from_to(one, "grade"), verbatim(_why(one))) for one in leads]
    table("The scores that move most", ("lead", "score", "grade", "why"), rows, whole=(0, 1, 2))


def _from_to(one: dict[str, Any], what: str) -> str:
    was, then = one["old"][what], one["new"][what]
    return number(then) if was in (None, then) else f"{number(was)} to {number(then)}"


def _why(one: dict[str, Any]) -> str:
    """Say what the note of change says, else the top reason: of the fields that the mapping has."""
    values = one["new"]["values"]
    told = [str(value) for name, value in values.items() if value and _is_named(name, ("change", "top_reason"))]
    return "; ".join(told)


def _is_named(field: str, roles: tuple[str, ...]) -> bool:
    return field.lower().removesuffix("__c").endswith(roles)


def show_push(told: dict[str, Any]) -> None:
    """Show what the push of a preview would cost, and what of it the CRM would refuse."""
    cost, share = told["cost"], told["cost"]["share"]
    rows = [
        ("rows", cost["rows"], "" if told["looked_at"] == told["leads"] else "reckoned from the sample for all leads"),
        ("calls to write", cost["calls"], "at most"),
        ("minutes", cost["minutes"], "about, with the workers that the settings allow"),
        ("share of the day's calls", "unknown" if share is None else f"{share:.1%}", cost["quota"]),
    ]
    table("The push", ("", "", ""), rows, right=(1,))
    if told["refusals"]:
        _show_refusals(told["refusals"])
    say(told["unforeseen"])
    if "path" in told:
        say(verbatim(f"{counted(told['looked_at'], 'lead')} written to {told['path']}. It holds what your CRM holds."))


def _show_refusals(refusals: list[dict[str, Any]]) -> None:
    rows = [(one["leads"], verbatim(one["code"]), one["field"], verbatim(one["told"])) for one in refusals]
    table("What the CRM would refuse", ("leads", "the CRM's code", "field", "why"), rows, right=(0,), whole=(1, 2))
    for fix in dict.fromkeys(one["fix"] for one in refusals):
        say(f"  What mends it: {fix}")


def _show_companies(told: dict[str, Any]) -> None:
    """Say how many companies would be written beside the leads."""
    if "companies_to_reckon" not in told:
        if told.get("companies"):
            say(f"These leads belong to {counted(told['companies'], 'company')}, which would be reckoned anew, too.")
        return
    if told["companies"] or told["companies_to_reckon"]:
        anew = f", and {number(told['companies_to_reckon'])} to be reckoned anew" if told["companies_to_reckon"] else ""
        say(f"{counted(told['companies'], 'company')} with values to be written{anew}.")


def show_waiting(told: dict[str, Any]) -> None:
    """Show what a push would do with the scores that wait."""
    rows = [(words, told[end], meaning) for end, (words, meaning) in WAITING.items()]
    name = told["connection"]
    table(f"{name}: what a push would do now", ("", "", "what it means"), rows, right=(1,))
    if told["unscored"]:
        await_it = "awaits" if told["unscored"] == 1 else "await"
        steps = ["pull", "score"] if told["unpulled"] else ["score"]
        run = " and ".join(f"`truegrade {step} {name}`" for step in steps)
        say(f"{counted(told['unscored'], 'lead')} {await_it} scoring first: {run}, then look again.")
        say(f"`truegrade preview {name}` says beforehand what would become of them.\n")
    _show_companies(told)
    _show_not_ready(told)
    show_push(told)


WAITING = {
    "looked_at": ("waiting", "scores that a push would take"),
    "write": ("  to be written", ""),
    "unchanged": ("  unchanged", "the CRM holds these values already"),
    "refused": ("  refused", "the CRM's describe says that it would refuse them"),
}
