"""Commands on backfills: reckon and start one, see how far they are, pause, go on, cancel, let one go first."""

from datetime import datetime
from typing import Annotated, Any

import typer

from tasks import backfills
from tasks.cli.options import Home, Json, wiring_of
from tasks.screens import as_json, counted, number, say, table, verbatim
from tasks.settings import SettingsInvalid
from tasks.store import backfills as stored
from tasks.store.backfills import Backfill, State
from tasks.verbs.selection import told
from tasks.wiring import Wiring

app = typer.Typer(no_args_is_help=True, help="Score and write many leads: everything, a window, or a segment.")
DAYS = ["%Y-%m-%d"]

Name = Annotated[str, typer.Argument(help="The connection.")]
Id = Annotated[str, typer.Argument(help="The backfill's id, as `truegrade backfill show` lists it.")]
Since = Annotated[datetime | None, typer.Option("--created-from", formats=DAYS, help="Leads created on or after it.")]
Until = Annotated[datetime | None, typer.Option("--created-to", formats=DAYS, help="Leads created on or before it.")]
Where = Annotated[list[str] | None, typer.Option("--where", help="FIELD=VALUE of a mapped field; may be repeated.")]
Reload = Annotated[bool, typer.Option("--reload", help="Read everything from the CRM anew first.")]
Priority = Annotated[int, typer.Option("--priority", help="Backfills with a lower number go first.")]
Yes = Annotated[bool, typer.Option("--yes", help="Start without asking.")]
Watch = Annotated[bool, typer.Option("--watch", help="Stay, and show how it goes on, until it has ended.")]


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
    wiring = wiring_of(home)
    wiring.connection(name)
    window = (created_from.date() if created_from else None, created_to.date() if created_to else None)
    planned = backfills.planned(wiring, name, window=window, where=where or (), reload=reload)
    if not json:
        _show_plan(name, planned)
    if dry_run:
        if json:
            as_json({"plan": planned.plan})
        return
    if not yes and not typer.confirm("Start it?"):
        raise typer.Exit(0)
    begun = backfills.start(wiring, name, planned, priority=order)
    if json:
        as_json({"backfill": begun, "plan": planned.plan})
        return
    say(f"Backfill [bold]{begun}[/] has begun; `truegrade backfill show {begun} --watch` follows it.")


def show(
    backfill: Annotated[str | None, typer.Argument(help="A backfill's id; else the newest ones.")] = None,
    connection: Annotated[str | None, typer.Option("--connection", help="Of this connection alone.")] = None,
    watch: Watch = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Show how far backfills are, at which rate, and when they will be done."""
    wiring = wiring_of(home)
    if backfill is not None and watch and not json:
        backfills.follow(wiring, _found(wiring, backfill).id)
    found = [_found(wiring, backfill)] if backfill else stored.newest(wiring.store, connection)
    states = [backfills.standing(wiring, one) for one in found]
    if json:
        as_json({"backfills": states})
        return
    if not states:
        say("There was no backfill yet. `truegrade backfill start NAME` begins one.")
    elif backfill is not None:
        _show_one(found[0], states[0])
    else:
        columns = ("id", "leads", "state", "stage", "done", "rate", "ready", "by")
        table("Backfills", columns, [_row(one, state) for one, state in zip(found, states, strict=True)])


def pause(backfill: Id, home: Home = None, json: Json = False) -> None:
    """Begin no further part of it; those at work end first."""
    _set(backfill, State.PAUSED, home, json)


def resume(backfill: Id, home: Home = None, json: Json = False) -> None:
    """Go on with it; parts that were parked after failures are tried again."""
    _set(backfill, State.RUNNING, home, json)


def cancel(backfill: Id, home: Home = None, json: Json = False) -> None:
    """End it; what was written stays written."""
    _set(backfill, State.CANCELLED, home, json)


def priority(
    backfill: Id, order: Annotated[int, typer.Argument(help="Lower goes first.")], home: Home = None, json: Json = False
) -> None:
    """Let it go before others, or after them."""
    wiring = wiring_of(home)
    found = _found(wiring, backfill)
    stored.set_priority(wiring.store, found.id, order)
    _tell(wiring, found.id, json)


def _set(backfill: str, state: State, home: Home, json: bool) -> None:
    wiring = wiring_of(home)
    found = _found(wiring, backfill)
    if not stored.set_state(wiring.store, found.id, state, now=wiring.clock.now()):
        raise SettingsInvalid(f"Backfill {found.id} has ended already: it is {found.state.value}. Start another.")
    backfills.note(wiring, found, state)
    _tell(wiring, found.id, json)


def _tell(wiring: Wiring, backfill: str, json: bool) -> None:
    found = _found(wiring, backfill)
    state = backfills.standing(wiring, found)
    if json:
        as_json({"backfills": [state]})
    else:
        _show_one(found, state)


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
    done = f"{state['done']:,} of {state['units']:,} parts"
    rate = f"{state['leads_per_s']:,.0f} leads/s" if state["leads_per_s"] else ""
    return (
        one.id,
        told(one.selection),
        state["state"],
        state["stage"],
        done,
        rate,
        state["ready_at"] or "",
        one.asked_by,
    )


def _show_one(one: Backfill, state: dict[str, Any]) -> None:
    say(f"[bold]{one.id}[/] ({one.connection}, {told(one.selection)}): {state['state']}, {state['stage']}")
    say(f"  {counted(state['done'], 'part')} of {number(state['units'])} done, {number(state['working'])} at work")
    if state["leads_per_s"]:
        say(f"  {state['leads_per_s']:,.0f} leads a second; ready {state['ready_at'] or 'unknown'}")
    if state["waits_for"]:
        say(verbatim(f"  waits: {state['waits_for']}"))
    if state["counts"]:
        rows = [(term, number(count)) for term, count in state["counts"].items()]
        table("", ("", ""), rows, right=(1,))
        say("  The counts add up." if state["reconciles"] else "  [bold]The counts do not add up[/]: see the log.")
    for part in state["parked"]:
        say(verbatim(f"  parked: {part['id']}: {part['error']}"))
    if state["parked"]:
        say(f"  Once the cause is mended, `truegrade backfill resume {one.id}` tries these parts again.")
    if one.told:
        say(verbatim(f"  {one.told}"))
