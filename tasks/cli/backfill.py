"""Commands on backfills: reckon and start one, see how far they are, pause, go on, cancel, let one go first."""

import sys
from datetime import datetime
from typing import Annotated, Any

import typer

from connector.errors import Misconfigured
from tasks import backfills
from tasks.cli.endings import STOPPED, concerning
from tasks.cli.follow import follow
from tasks.cli.options import Home, Json, wiring_of
from tasks.cli.run import MEANINGS
from tasks.screens import as_json, counted, note, number, say, table, verbatim
from tasks.settings import SettingsInvalid
from tasks.store import backfills as stored
from tasks.store import units
from tasks.store.backfills import ENDED, Backfill, State
from tasks.verbs.selection import told
from tasks.watch import standing
from tasks.wiring import Wiring

app = typer.Typer(no_args_is_help=True, help="Score and write many leads: everything, a window, or a segment.")
DAYS = ["%Y-%m-%d"]
LAST = 1_000_000  # a number that the store can hold, and more than anybody needs
WORDS = {  # where they differ from those of a sync, whose counts are of what has just changed
    "looked_at": ("looked at", "leads of these parts"),
    "left": ("    left to another push", "which was just sending an older score of theirs"),
    "excluded": ("    left alone", "converted, customers already, merged or deleted"),
}

Name = Annotated[str, typer.Argument(help="The connection.")]
Id = Annotated[str, typer.Argument(help="The backfill's id, as `truegrade backfill show` lists it.")]
Since = Annotated[datetime | None, typer.Option("--created-from", formats=DAYS, help="Leads created on or after it.")]
Until = Annotated[datetime | None, typer.Option("--created-to", formats=DAYS, help="Leads created on or before it.")]
Where = Annotated[list[str] | None, typer.Option("--where", help="FIELD=VALUE of a mapped field; may be repeated.")]
Reload = Annotated[bool, typer.Option("--reload", help="Read everything from the CRM anew first.")]
Priority = Annotated[int, typer.Option("--priority", min=0, max=LAST, help="Backfills with a lower number go first.")]
Order = Annotated[int, typer.Argument(min=0, max=LAST, help="Lower goes first.")]
Yes = Annotated[bool, typer.Option("--yes", help="Start without asking.")]
Watch = Annotated[bool, typer.Option("--watch", help="Stay, and show how it goes on, until it ends or is held up.")]


def add_to(main: typer.Typer) -> None:
    """Register these commands."""
    for command in (start, show, pause, resume, cancel, priority):
        app.command()(command)
    main.add_typer(app, name="backfill")


def start(
    name: Name,
    created_from: Since = None,
    created_to: Until = None,
    where: Where = None,
    reload: Reload = False,
    order: Priority = 100,
    yes: Yes = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only reckon.")] = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Reckon what it takes, and start it when that is agreed to; workers do it (`truegrade up`, or `worker`)."""
    window = (created_from.date() if created_from else None, created_to.date() if created_to else None)
    _require_sense(created_from, created_to, somebody_agrees=yes or dry_run or _can_answer(json=json))
    wiring = wiring_of(home)
    wiring.connection(name)
    with concerning(name):
        planned = backfills.planned(wiring, name, window=window, where=where or (), reload=reload)
    if not json:
        _show_plan(name, planned)
    if dry_run:
        if json:
            as_json({"plan": planned.plan})
        return
    if not yes and not _agreed():
        raise typer.Exit(0)
    begun = backfills.start(wiring, name, planned, priority=order)
    is_served = standing.is_served(wiring, units.BACKFILL, now=wiring.clock.now())
    others = [one for one in stored.open_ones(wiring.store, name) if one.id != begun]
    if json:
        also = {"workers_up": is_served, "also_open": [one.id for one in others]}
        as_json({"backfill": begun, "plan": planned.plan, **also})
        return
    say(f"Backfill [bold]{begun}[/] is started; `truegrade backfill show {begun} --watch` follows it.")
    if not is_served:
        say("No worker is up: `truegrade up` or `truegrade worker` begins it.")
    for one in others:
        say(f"Open for {name} too: {one.id} ({verbatim(told(one.selection))}), {one.state.value}.")


def _require_sense(created_from: datetime | None, created_to: datetime | None, *, somebody_agrees: bool) -> None:
    """Refuse a window that ends before it begins, and a question that nobody can answer, before any call is made."""
    if created_from and created_to and created_from > created_to:
        since, until = f"{created_from:%Y-%m-%d}", f"{created_to:%Y-%m-%d}"
        raise Misconfigured(
            f"No lead was created from {since} to {until}: --created-from is after --created-to.",
            fix=f"Write --created-from {until} --created-to {since}, or correct one of them.",
        )
    if not somebody_agrees:
        raise Misconfigured(
            "Nobody is there to be asked whether to start.", fix="Add --yes to start it, or --dry-run to only reckon."
        )


def _can_answer(*, json: bool) -> bool:
    return sys.stdin.isatty() and not json


def _agreed() -> bool:
    try:
        return typer.confirm("Start it?")
    except typer.Abort:
        note("\ntruegrade: stopped. Nothing was started.")
        raise typer.Exit(STOPPED) from None


def show(
    backfill: Annotated[str | None, typer.Argument(help="A backfill's id; else the newest ones.")] = None,
    connection: Annotated[str | None, typer.Option("--connection", help="Of this connection alone.")] = None,
    watch: Watch = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Show how far backfills are, at which rate, and when they will be done."""
    wiring = wiring_of(home)
    if connection is not None:
        wiring.connection(connection)
    if watch:
        follow(wiring, [one.id for one in _chosen(wiring, backfill, connection) if one.state is State.RUNNING])
    found = _chosen(wiring, backfill, connection)
    states = [backfills.standing(wiring, one) for one in found]
    if json:
        as_json({"backfills": states})
        return
    if not states:
        say("There was no backfill yet. `truegrade backfill start NAME` begins one.")
    elif backfill is not None:
        _show_one(found[0], states[0])
    else:
        columns = ("id", "leads", "state", "stage", "parts", "leads/s", "ready (UTC)", "by")
        rows = [_row(one, state) for one, state in zip(found, states, strict=True)]
        table("Backfills", columns, rows, right=(5,), whole=(0,))


def pause(backfill: Id, home: Home = None, json: Json = False) -> None:
    """Begin no further part of it; those at work end first."""
    _set(backfill, State.PAUSED, home, json)


def resume(backfill: Id, home: Home = None, json: Json = False) -> None:
    """Go on with it; parts that were parked after failures are tried again."""
    _set(backfill, State.RUNNING, home, json)


def cancel(backfill: Id, home: Home = None, json: Json = False) -> None:
    """End it; what was written stays written."""
    _set(backfill, State.CANCELLED, home, json)


def priority(backfill: Id, order: Order, home: Home = None, json: Json = False) -> None:
    """Let it go before others, or after them."""
    wiring = wiring_of(home)
    found = _found(wiring, backfill)
    if found.state.value in ENDED:
        raise _ended(found)
    stored.set_priority(wiring.store, found.id, order)
    _tell(wiring, found.id, json)


def _set(backfill: str, state: State, home: Home, json: bool) -> None:
    wiring = wiring_of(home)
    found = _found(wiring, backfill)
    if not stored.set_state(wiring.store, found.id, state, now=wiring.clock.now()):
        raise _ended(found)
    backfills.note(wiring, found, state)
    _tell(wiring, found.id, json)


def _ended(found: Backfill) -> SettingsInvalid:
    return SettingsInvalid(f"Backfill {found.id} has ended already: it is {found.state.value}. Start another.")


def _tell(wiring: Wiring, backfill: str, json: bool) -> None:
    found = _found(wiring, backfill)
    state = backfills.standing(wiring, found)
    if json:
        as_json({"backfills": [state]})
    else:
        _show_one(found, state)


def _chosen(wiring: Wiring, backfill: str | None, connection: str | None) -> list[Backfill]:
    return [_found(wiring, backfill)] if backfill else stored.newest(wiring.store, connection)


def _found(wiring: Wiring, backfill: str) -> Backfill:
    found = stored.get(wiring.store, backfill)
    if found is None:
        known = ", ".join(one.id for one in stored.newest(wiring.store, limit=5)) or "none"
        raise SettingsInvalid(f"There is no backfill {backfill}. The newest are: {known}.")
    return found


def _show_plan(name: str, planned: backfills.Planned) -> None:
    plan = planned.plan
    rows = [("leads", number(plan["leads"]), told(planned.selection))]
    if plan["reads"]:
        rows.append(("calls to read", number(plan["reads"]), "about; everything is read anew"))
    rows.append(("calls to write", number(plan["writes"]), "at most: only what differs is written"))
    rows.append(("minutes", number(plan["minutes"]), "about, with the workers that the settings allow"))
    share = plan["share"]
    rows.append(("share of the day's calls", "unknown" if share is None else f"{share:.1%}", plan["quota"]))
    table(f"{name}: what it takes", ("", "", ""), rows, right=(1,))


def _row(one: Backfill, state: dict[str, Any]) -> tuple[str, ...]:
    done = f"{state['done']:,} of {state['units']:,}"
    rate = f"{state['leads_per_s']:,.0f}" if state["leads_per_s"] else ""
    is_held = one.state is State.RUNNING and state["waits_for"]
    return (
        one.id,
        verbatim(told(one.selection)),
        "waits" if is_held else state["state"],
        state["stage"],
        done,
        rate,
        _minute(state["ready_at"]),
        verbatim(one.asked_by),
    )


def _minute(at: str | None) -> str:
    return at[:16].replace("T", " ") if at else ""


def _show_one(one: Backfill, state: dict[str, Any]) -> None:
    has_ended = one.state.value in ENDED
    stage = "" if has_ended else f", stage {state['stage']}"
    say(f"[bold]{one.id}[/] ({one.connection}, {verbatim(told(one.selection))}): {state['state']}{stage}")
    ended = f", ended {_minute(state['finished_at'])} UTC" if has_ended else ""
    say(verbatim(f"  begun {_minute(state['begun_at'])} UTC by {one.asked_by}, priority {one.priority}{ended}"))
    working = "" if has_ended else f", {number(state['working'])} at work"
    say(f"  {number(state['done'])} of {counted(state['units'], 'part')} done{working}")
    if state["leads_per_s"]:
        ready = f"; ready about {_minute(state['ready_at'])} UTC" if state["ready_at"] else ""
        say(f"  {state['leads_per_s']:,.0f} leads a second{ready}")
    if state["waits_for"]:
        say(verbatim(f"  waits: {state['waits_for']}"))
    if state["counts"]:
        table("", ("", "", "what it means"), _terms(state["counts"]), right=(1,))
        say("  The counts add up." if state["reconciles"] else "  [bold]The counts do not add up[/]: see the log.")
    for part in state["parked"]:
        say(verbatim(f"  parked: {part['id']}: {part['error']}"))
    if state["parked"]:
        say(f"  Once the cause is mended, `truegrade backfill resume {one.id}` tries these parts again.")
    if one.told:
        say(verbatim(f"  {one.told}"))


def _terms(counts: dict[str, int]) -> list[tuple[str, int, str]]:
    """Say the counts in the words of `truegrade sync`: what scoring did, then what became of the scores."""
    return [
        (words, count, meaning)
        for term, count in counts.items()
        for words, meaning in [WORDS.get(term) or MEANINGS[term.removeprefix("push_")]]
    ]
