"""The command handovers: which newly hot leads were told to the mapping's webhook, and what waits."""

from typing import Annotated, Any

import typer

from tasks.cli.options import Home, Json, Name, wiring_of
from tasks.screens import as_json, say, table, verbatim
from tasks.store import handovers as kept

SHOWN = 20
HOW = "Add handover: to the mapping to tell a webhook of newly hot leads; see mappings/README.md."
ROW = ("lead", "grade", "was", "made_at", "state", "tries", "told")

Retry = Annotated[bool, typer.Option("--retry", help="Try all that failed or wait with the next sync or tick.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1_000_000, help="Most to show.")]


def add_to(app: typer.Typer) -> None:
    """Register this command."""
    app.command()(handovers)


def handovers(name: Name, retry: Retry = False, limit: Limit = SHOWN, home: Home = None, json: Json = False) -> None:
    """Show which newly hot leads the mapping's webhook was told of, and what waits; try that again."""
    wiring = wiring_of(home)
    is_on = wiring.mapping(name).handover.webhook is not None
    retried = kept.retry(wiring.store, name, now=wiring.clock.now()) if retry else 0
    counts = {state.value: number for state, number in kept.counts(wiring.store, name).items()}
    rows = [_row(one) for one in kept.newest(wiring.store, name, limit=limit)]
    if json:
        told = {"connection": name, "webhook": is_on, "retried": retried}
        as_json(told | {"counts": counts, "handovers": rows})
    elif not rows:
        say(f"{name}: no lead was handed over yet." if is_on else f"{name}: nothing is handed over. {HOW}")
    else:
        _show(name, rows, counts, retried)


def _show(name: str, rows: list[dict[str, Any]], counts: dict[str, int], retried: int) -> None:
    headings = ("lead", "grade", "before", "hot since (UTC)", "state", "tries", "told")
    cells = [[verbatim(str(row[key] if row[key] is not None else "-")) for key in ROW] for row in rows]
    table(f"{name}: hot leads, the newest first", headings, cells, whole=(0,))
    say(f"{', '.join(f'{number:,} {state}' for state, number in counts.items())}.")
    if retried:
        say(f"{retried:,} are tried with the next tick, or `truegrade sync {name}`.")
    elif counts.get("failed"):
        say(f"Mend the receiver, then `truegrade handovers {name} --retry`.")


def _row(one: kept.Handover) -> dict[str, Any]:
    rise, at = one.rise, f"{one.made_at:%Y-%m-%d %H:%M}"
    state = {"state": one.state.value, "tries": one.tries, "told": one.told}
    return {"lead": rise.lead_id, "grade": rise.grade, "was": rise.was, "made_at": at} | state
