"""Commands that look: explain a lead's score, and the status of the installation. They write nothing."""

from typing import Annotated, Any

import typer

from connector.crm import Entity
from tasks.cli.options import Home, Json, wiring_of
from tasks.screens import as_json, counted, number, say, table, verbatim
from tasks.settings import SettingsInvalid
from tasks.store import models, records, refusals, runs, scores
from tasks.wiring import Wiring

RUNS = 5
REFUSALS = 10


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    app.command()(explain)
    app.command()(status)


def explain(
    lead: Annotated[str, typer.Argument(help="The lead's id in the CRM.")],
    connection: Annotated[str | None, typer.Option("--connection", help="Where it is; else it is looked for.")] = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Say why a lead has its score: every feature's part, adding up to the likelihood."""
    wiring = wiring_of(home)
    name = _where(wiring, lead, connection)
    from tasks.explained import explained  # noqa: PLC0415  a status need not load the learner

    told = explained(wiring, name, wiring.record_id(name, lead))
    if json:
        as_json(told)
        return
    say(
        f"[bold]{told['lead']}[/] ({name}): score {told['score']}, grade {told['grade']}, "
        f"likelihood {told['likelihood']:.1%} within {told['horizon_days']} days, model {told['model']}"
    )
    say(verbatim(told["standing"]))
    table(
        "What it is made of, in log-odds",
        ("feature", "value", "effect"),
        [("every lead starts with", "", f"{told['base']:+.3f}"), *_parts(told), _sum(told)],
        right=(2,),
    )
    for reason in told["reasons"]:
        say(verbatim(f"  {'+' if reason['effect'] > 0 else '-'} {reason['text']}"))


def _parts(told: dict[str, Any]) -> list[tuple[str, str, str]]:
    parts = sorted(told["contributions"].items(), key=lambda item: -abs(item[1]))
    return [(told["labels"][name], verbatim(told["values"][name]), f"{effect:+.3f}") for name, effect in parts]


def _sum(told: dict[str, Any]) -> tuple[str, str, str]:
    return "[bold]together[/]", f"calibrated: {told['likelihood']:.1%}", f"[bold]{told['margin']:+.3f}[/]"


def _where(wiring: Wiring, lead: str, connection: str | None) -> str:
    names = [connection] if connection else list(wiring.connections)
    for name in names:
        if records.get(wiring.store, name, Entity.LEAD, [wiring.record_id(name, lead)]):
            return name
    where = " or ".join(names)
    raise SettingsInvalid(
        f"No lead with the id {lead} was pulled from {where}. Correct the id, or run `truegrade pull` if it is new."
    )


def status(home: Home = None, json: Json = False) -> None:
    """Show each connection: records, model, scores, refusals and the latest runs."""
    wiring = wiring_of(home)
    told = {name: _status(wiring, name) for name in wiring.connections}
    if json:
        as_json({"connections": told})
        return
    for name, state in told.items():
        _show(name, state)


def _status(wiring: Wiring, name: str) -> dict[str, Any]:
    store = wiring.store
    current = models.current(store, name)
    return {
        "crm": wiring.connection(name).crm,
        "records": {entity.value: count for entity, count in records.count(store, name).items()},
        "model": current.version if current else None,
        "figures": current.card.get("figures", {}) if current else {},
        "scores": {state.value: count for state, count in scores.by_state(store, name).items()},
        "refusals": refusals.by_code(store, name),
        "refused": [
            {"lead": row.lead_id, "code": row.code, "message": row.message, "since": row.first_at, "times": row.times}
            for row in refusals.newest(store, name, limit=REFUSALS)
        ],
        "runs": [
            {
                "verb": run.verb,
                "state": run.state.value,
                "started_at": run.started_at.isoformat(timespec="seconds"),
                "error": run.error,
            }
            for run in runs.newest(store, name, limit=RUNS)
        ],
    }


def _show(name: str, state: dict[str, Any]) -> None:
    held = ", ".join(counted(count, entity) for entity, count in state["records"].items()) or "nothing pulled yet"
    say(f"[bold]{name}[/] ({state['crm']}): {held}")
    auc = state["figures"].get("auc")
    say(f"  model: {state['model'] or 'none yet'}" + (f", AUC {auc:.3f} on later time" if auc else ""))
    scored = ", ".join(f"{number(count)} {what}" for what, count in state["scores"].items()) or "none yet"
    say(f"  scores: {scored}")
    if state["refusals"]:
        _show_refusals(state)
    if state["runs"]:
        rows = [(run["started_at"], run["verb"], run["state"], run["error"] or "") for run in state["runs"]]
        table("", ("started", "run", "state", "error"), rows)


def _show_refusals(state: dict[str, Any]) -> None:
    told = ", ".join(f"{number(count)} {code}" for code, count in state["refusals"].items())
    rows = [
        (row["lead"], row["code"], verbatim(row["message"]), row["since"][:16].replace("T", " "))
        for row in state["refused"]
    ]
    table(f"Refused by the CRM: {told}", ("lead", "code", "the CRM's words", "since (UTC)"), rows)
    say("Mend the cause in the CRM, then `truegrade push --retry-refused`.")
