"""The command refusals: what the CRM rejected, why and what mends it; sends it again, or exports it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from connector.errors import Misconfigured
from tasks import refused
from tasks.cli.options import Home, Json, Names, chosen, wiring_of
from tasks.csvout import write_csv
from tasks.screens import as_json, counted, named, say, table, verbatim
from tasks.store import company_sending, write_backs
from tasks.store import refusals as kept
from tasks.wiring import Wiring

COLUMNS = (
    "connection", "lead", "code", "message", "cause", "fix", "passing", "since", "last_at", "times", "next_try"
)  # fmt: skip
SHOWN = 20

Code = Annotated[str | None, typer.Option("--code", help="Only refusals with this code of the CRM, explained.")]
Leads = Annotated[list[str] | None, typer.Option("--lead", help="Only this lead; may be given several times.")]
Retry = Annotated[bool, typer.Option("--retry", help="Queue them: the next push or sync sends them again.")]
Export = Annotated[Path | None, typer.Option("--export", help="Write them to this CSV file, all of them.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Let --export take the place of a file.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1_000_000, help="Most leads to show for each connection.")]


def add_to(app: typer.Typer) -> None:
    """Register this command."""
    app.command()(refusals)


def refusals(
    names: Names = None,
    code: Code = None,
    leads: Leads = None,
    retry: Retry = False,
    export: Export = None,
    overwrite: Overwrite = False,
    limit: Limit = SHOWN,
    home: Home = None,
    json: Json = False,
) -> None:
    """Show what the CRM rejected, grouped by cause, with the fix; queue it again, or export it."""
    wiring = wiring_of(home)
    asked = {name: _asked(wiring, name, code, leads) for name in chosen(wiring, names)}
    if code is not None or leads:
        _require_some(wiring, asked, code, leads)
    result: dict[str, Any] = {}
    if export is not None:
        rows = (row for name, only in asked.items() for row in _rows(wiring, name, only))
        result |= {"exported": write_csv(export, COLUMNS, rows, overwrite=overwrite), "path": str(export)}
    retried = {name: _requeued(wiring, name, only) for name, only in asked.items()} if retry else {}
    result["connections"] = {name: told_of(wiring, name, limit, only) for name, only in asked.items()}
    for name, queued in retried.items():
        result["connections"][name]["retried"] = queued
    if json:
        as_json(result)
    else:
        _tell_people(result, explained=code is not None or bool(leads))


def _asked(wiring: Wiring, name: str, code: str | None, leads: list[str] | None) -> dict[str, Any]:
    """Give what limits the refusals, as the store takes it."""
    return {"code": code, "leads": [wiring.record_id(name, lead) for lead in leads] if leads else None}


def _requeued(wiring: Wiring, name: str, only: dict[str, Any]) -> int:
    """Queue refused scores and, where all are meant, refused values that were to be written back."""
    queued = kept.requeue(wiring.store, name, **only)
    if any(only.values()):
        return queued
    how: dict[str, Any] = {"now": wiring.clock.now(), "asked": True}
    queued += company_sending.requeue(wiring.store, name, **how)
    return queued + write_backs.requeue(wiring.store, name, **how)


def told_of(wiring: Wiring, name: str, limit: int, only: dict[str, Any]) -> dict[str, Any]:
    """Tell a connection's refusals, grouped and the newest one by one; `only` limits them as the store takes it."""
    crm, now = wiring.connection(name).crm, wiring.clock.now()
    newest = kept.newest(wiring.store, name, limit=limit, **only)
    is_all = not any(only.values())
    back = [one._asdict() for one in write_backs.refused(wiring.store, name)] if is_all else []
    firms = [one._asdict() for one in company_sending.refused(wiring.store, name)] if is_all else []
    return {
        **({"written_back": back} if back else {}),
        **({"companies": firms} if firms else {}),
        "crm": crm,
        "groups": [_typeable(name, group) for group in refused.groups(wiring, name, **only)],
        "refusals": [_typeable(name, refused.row(crm, refusal, now=now)) for refusal in newest],
    }


def _typeable(name: str, told: dict[str, Any]) -> dict[str, Any]:
    return told | {"fix": named(told["fix"], name)}


def _require_some(wiring: Wiring, asked: dict[str, dict[str, Any]], code: str | None, leads: list[str] | None) -> None:
    """Complain when a code or a lead was asked for that no connection has a refusal of."""
    if any(kept.newest(wiring.store, name, limit=1, **only) for name, only in asked.items()):
        return
    wanted = " ".join([*([f"with the code {code}"] if code else []), *([f"of {', '.join(leads)}"] if leads else [])])
    codes = sorted({known for name in asked for known in kept.by_code(wiring.store, name)})
    fix = f"Codes of refusals there: {', '.join(codes)}." if codes else "Nothing is refused there now."
    raise Misconfigured(f"There is no refusal {wanted} in {' or '.join(asked)}.", fix=fix)


def _rows(wiring: Wiring, name: str, only: dict[str, Any]) -> Iterator[dict[str, Any]]:
    crm, now = wiring.connection(name).crm, wiring.clock.now()
    for refusal in kept.every(wiring.store, name, **only):
        yield {"connection": name} | _typeable(name, refused.row(crm, refusal, now=now))


def _tell_people(result: dict[str, Any], *, explained: bool) -> None:
    for name, state in result["connections"].items():
        if state["groups"]:
            show_groups(f"{name}: refused by the CRM", state["groups"])
            told = sum(group["leads"] for group in state["groups"])
            newest = "" if told == len(state["refusals"]) else f", the newest {len(state['refusals']):,} of {told:,}"
            show_leads(f"In the CRM's own words{newest}", state["refusals"])
            _say_what_next(name, state)
        elif not explained and not {"written_back", "companies"} & state.keys():
            say(f"{name}: nothing is refused.")
        if "written_back" in state:
            _show_backs(name, state["written_back"])
        if "companies" in state:
            _show_companies(name, state["companies"])
    if "path" in result:
        say(verbatim(f"{counted(result['exported'], 'refusal')} written to {result['path']}."))


def _show_backs(name: str, groups: list[dict[str, Any]]) -> None:
    """Show which values were to be written back and were refused; the scores of these leads are not held up by it."""
    rows = [
        (one["leads"], verbatim(one["field"]), verbatim(one["code"] or ""), verbatim(one["message"] or ""))
        for one in groups
    ]
    columns = ("leads", "field", "the CRM's code", "the newest, in its words")
    table(f"{name}: enriched values that were refused", columns, rows, right=(0,), whole=(1, 2))
    say(f"Once the cause is mended, `truegrade refusals {name} --retry` lets the next push or sync send them again.")


def _show_companies(name: str, groups: list[dict[str, Any]]) -> None:
    """Show which companies' values were refused; no lead's score is held up by it."""
    rows = [(one["companies"], verbatim(one["code"] or ""), verbatim(one["message"] or "")) for one in groups]
    columns = ("companies", "the CRM's code", "one of them, in its words")
    table(f"{name}: values of companies that were refused", columns, rows, right=(0,), whole=(1,))
    say(f"Once the cause is mended, `truegrade refusals {name} --retry` lets the next push or sync send them again.")


def show_groups(title: str, groups: list[dict[str, Any]]) -> None:
    """Show refusals by cause, as `refused.groups` tells them."""
    rows = [
        (
            group["leads"], verbatim(group["code"]), minute(group["since"]), minute(group["last_at"]),
            minute(group["next_try"]),
        )
        for group in groups
    ]  # fmt: skip
    table(title, ("leads", "the CRM's code", "first (UTC)", "last (UTC)", "next try"), rows, right=(0,), whole=(1,))
    for group in groups:
        say(f"  [bold]{verbatim(group['code'])}[/]: {group['cause']}")
        say(f"    What mends it: {group['fix']}")


def show_leads(title: str, rows: list[dict[str, Any]]) -> None:
    """Show single refusals, as `refused.row` tells them."""
    shown = [
        (row["lead"], verbatim(row["code"]), verbatim(row["message"]), row["times"], minute(row["next_try"]))
        for row in rows
    ]
    columns = ("lead", "the CRM's code", "the CRM's words", "times", "next try")
    table(title, columns, shown, right=(3,), whole=(0, 1))


def minute(text: str) -> str:
    """Shorten an instant to the minute; any other words stay."""
    return text[:16].replace("T", " ") if text[:1].isdigit() else text


def _say_what_next(name: str, state: dict[str, Any]) -> None:
    if "retried" in state:
        said = "queued" if state["retried"] else "queued, the others were already"
        say(f"{counted(state['retried'], 'lead')} of {name} {said}: the next push or sync sends them.")
    elif any(group["next_try"] == refused.ONCE_MENDED for group in state["groups"]):
        say(f"Once a cause is mended, `truegrade refusals {name} --code CODE --retry` sends its leads again.")
