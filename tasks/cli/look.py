"""Commands that look: explain a lead's score, and the status of the installation. They write nothing."""

from pathlib import Path
from typing import Annotated, Any

import typer

from connector.crm import Entity
from connector.errors import Misconfigured
from tasks.cli.options import Home, Json, wiring_of
from tasks.screens import as_json, number, say, table
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
    told = explained(wiring, name, lead)
    if json:
        as_json(told)
        return
    say(
        f"[bold]{lead}[/] ({name}): score {told['score']}, grade {told['grade']}, "
        f"likelihood {told['likelihood']:.1%} within {told['horizon_days']} days, model {told['model']}"
    )
    table(
        "What it is made of (log-odds; they add up)",
        ("feature", "value", "effect"),
        [("every lead starts with", "", f"{told['base']:+.3f}"), *_parts(told)],
        right=(2,),
    )
    for reason in told["reasons"]:
        say(f"  {'+' if reason['effect'] > 0 else '-'} {reason['text']}")


def _parts(told: dict[str, Any]) -> list[tuple[str, str, str]]:
    parts = sorted(told["contributions"].items(), key=lambda item: -abs(item[1]))
    values = told["features"]
    return [(name, "-" if values[name] is None else number(values[name]), f"{effect:+.3f}") for name, effect in parts]


def _where(wiring: Wiring, lead: str, connection: str | None) -> str:
    if connection is not None:
        wiring.connection(connection)
    names = [connection] if connection else list(wiring.connections)
    for name in names:
        if records.get(wiring.store, name, Entity.LEAD, [lead]):
            return name
    raise SettingsInvalid(f"No lead {lead} is in the store. Pull first, or correct the id.")


def explained(wiring: Wiring, name: str, lead: str) -> dict[str, Any]:
    """Score one lead from the store, as the verb would, and give every feature's part of it."""
    from mappings.features import feature_frame  # noqa: PLC0415  a status need not load the learner
    from model.model import load  # noqa: PLC0415
    from tasks.verbs import frames  # noqa: PLC0415

    current = models.current(wiring.store, name)
    if current is None:
        raise Misconfigured(f"{name} has no model yet.", fix="Run `truegrade train`.")
    mapping, model = wiring.mapping(name), load(Path(current.path))
    some = frames.of_leads(wiring.store, mapping, name, records.get(wiring.store, name, Entity.LEAD, [lead]))
    features = feature_frame(mapping, some.leads, some.companies, some.activities)
    scored = model.score(features).row(0, named=True)
    base, parts = model.contributions(features)
    return {
        "lead": lead,
        "connection": name,
        "model": model.version,
        "horizon_days": model.card["horizon_days"],
        "score": scored["score"],
        "grade": scored["grade"],
        "likelihood": scored["likelihood"],
        "margin": scored["margin"],
        "base": base,
        "contributions": parts.row(0, named=True),
        "features": features.drop("id").row(0, named=True),
        "reasons": scored["reasons"],
    }


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
    held = ", ".join(f"{number(count)} {entity}s" for entity, count in state["records"].items()) or "nothing pulled yet"
    say(f"[bold]{name}[/] ({state['crm']}): {held}")
    auc = state["figures"].get("auc")
    say(f"  model: {state['model'] or 'none yet'}" + (f", AUC {auc:.3f} on later time" if auc else ""))
    scored = ", ".join(f"{number(count)} {what}" for what, count in state["scores"].items()) or "none yet"
    say(f"  scores: {scored}")
    for code, count in state["refusals"].items():
        say(f"  [red]refused[/]: {number(count)} rows, {code}")
    if state["runs"]:
        rows = [(run["started_at"], run["verb"], run["state"], run["error"] or "") for run in state["runs"]]
        table("", ("started", "run", "state", "error"), rows)
