"""The command override: what people decide for a lead by hand, until when, and why."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from connector.crm import Entity
from connector.errors import Misconfigured
from mappings.file.load import Mapping
from mappings.outputs import DISQUALIFY, GRADES
from tasks.cli.endings import concerning
from tasks.cli.options import Home, Json, Name, wiring_of
from tasks.screens import as_json, say, table, verbatim
from tasks.store import overrides, records
from tasks.store.overrides import Override
from tasks.wiring import Wiring

ACTOR = "command line"
LONGEST_REASON = 200
A_DAY = timedelta(days=1)

Lead = Annotated[str | None, typer.Argument(help="Id of the lead; none: show what is decided by hand.")]
Grade = Annotated[str | None, typer.Option("--grade", help="Give this grade: A, B, C or D.")]
Route = Annotated[str | None, typer.Option("--route", help="Send the lead here; one of the mapping's routes.")]
Until = Annotated[
    datetime | None,
    typer.Option("--until", formats=["%Y-%m-%d"], help="The last day (UTC) on which it holds: 2026-12-31."),
]
Because = Annotated[str | None, typer.Option("--because", help="Why, in words for reps.")]
End = Annotated[bool, typer.Option("--end", help="End it: model and rules decide again.")]


def add_to(app: typer.Typer) -> None:
    """Register this command."""
    app.command()(override)


def override(
    name: Name,
    lead: Lead = None,
    grade: Grade = None,
    route: Route = None,
    until: Until = None,
    because: Because = None,
    end: End = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Set a lead's grade or route by hand until a day, end that, or show what is set. The next sync writes it."""
    wiring = wiring_of(home)
    mapping = wiring.mapping(name)
    if lead is None:
        _require_alone(grade, route, until, because, end or None)
        _show(name, overrides.every(wiring.store, name), json=json)
        return
    lead_id = wiring.record_id(name, lead)
    with concerning(name):
        if end:
            _require_alone(grade, route, until, because)
            _end(wiring, name, lead_id, json=json)
        else:
            decided = _decided(wiring, name, mapping, lead_id, grade=grade, route=route, until=until, because=because)
            overrides.put(wiring.store, name, decided)
            _tell(name, decided, "set", json=json)


def _decided(
    wiring: Wiring,
    name: str,
    mapping: Mapping,
    lead_id: str,
    *,
    grade: str | None,
    route: str | None,
    until: datetime | None,
    because: str | None,
) -> Override:
    """Check what was typed. Raises Misconfigured with what to type instead."""
    now = wiring.clock.now()
    _check_words(mapping, grade, route, because)
    if until is None:
        raise Misconfigured("An override needs an end.", fix="Add --until and its last day, such as 2026-12-31.")
    ends = until.replace(tzinfo=UTC) + A_DAY
    if ends <= now:
        raise Misconfigured(f"--until {until:%Y-%m-%d} is over.", fix=f"Name {now:%Y-%m-%d} or a later day.")
    if not records.get(wiring.store, name, Entity.LEAD, [lead_id]):
        raise Misconfigured(
            f"{name} has no lead {lead_id}, or it is gone.", fix=f"Check the id, or run `truegrade sync {name}` first."
        )
    return Override(lead_id, grade, route, (because or "").strip(), ACTOR, now, ends)


def _check_words(mapping: Mapping, grade: str | None, route: str | None, because: str | None) -> None:
    if grade is None and route is None:
        raise Misconfigured("Nothing is decided.", fix="Add --grade, --route or both; or --end to end it.")
    if grade is not None and grade not in GRADES:
        raise Misconfigured(f"There is no grade {grade}.", fix=f"Use one of {', '.join(GRADES)}.")
    known = tuple(dict.fromkeys((*mapping.every_route, DISQUALIFY)))
    if route is not None and route not in known:
        fix = f"Use one of {', '.join(known)}; new ones are added under routes of the mapping."
        raise Misconfigured(f"The mapping has no route {route}.", fix=fix)
    if not (because or "").strip() or len(because or "") > LONGEST_REASON:
        fix = f'Add --because "..." with at most {LONGEST_REASON} characters: reps read it.'
        raise Misconfigured("An override needs a reason.", fix=fix)


def _require_alone(*given: object) -> None:
    if any(one is not None for one in given):
        raise Misconfigured(
            "Either a lead is missing, or --end stands beside what it would set.",
            fix="Write `truegrade override CONNECTION LEAD --grade A --until DAY --because WHY`, or LEAD --end.",
        )


def _end(wiring: Wiring, name: str, lead_id: str, *, json: bool) -> None:
    ended = overrides.end(wiring.store, name, lead_id, now=wiring.clock.now(), actor=ACTOR)
    if ended is None:
        fix = f"Look at `truegrade override {name}`."
        raise Misconfigured(f"Nothing is decided by hand for {lead_id}.", fix=fix)
    _tell(name, ended, "ended", json=json)


def _tell(name: str, one: Override, done: str, *, json: bool) -> None:
    if json:
        as_json({"connection": name, "done": done} | _as_dict(one))
    else:
        what = " and ".join(f"{key} {value}" for key, value in (("grade", one.grade), ("route", one.route)) if value)
        until = f" until {_last_day(one)}" if done == "set" else ""
        say(verbatim(f"{name}: {one.lead_id}: {what} by hand {done}{until}. Run `truegrade sync {name}` to write it."))


def _show(name: str, every: list[Override], *, json: bool) -> None:
    told = [_as_dict(one) for one in every]
    if json:
        as_json({"connection": name, "overrides": told})
    elif not told:
        say(f"{name}: nothing is decided by hand.")
    else:
        cells = [[verbatim(str(one[key] or "-")) for key in told[0]] for one in told]
        headings = ("lead", "grade", "route", "until (UTC)", "because", "by", "set at (UTC)")
        table(f"{name}: decided by hand, what ends next first", headings, cells, whole=(0,))
        say(f"End one with `truegrade override {name} LEAD --end`.")


def _as_dict(one: Override) -> dict[str, Any]:
    decided = {"lead": one.lead_id, "grade": one.grade, "route": one.route, "until": _last_day(one)}
    return decided | {"because": one.because, "made_by": one.made_by, "made_at": f"{one.made_at:%Y-%m-%d %H:%M}"}


def _last_day(one: Override) -> str:
    return f"{one.until - A_DAY:%Y-%m-%d}" if one.until else ""
