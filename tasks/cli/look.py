"""Commands that look: explain a lead's score, and the status of the installation. They write nothing."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer

from connector.crm import Entity
from mappings.words import LANGUAGES
from tasks import companies, previews, promotion
from tasks.cli.company import explain_company
from tasks.cli.endings import concerning
from tasks.cli.options import Home, Json, Names, chosen, wiring_of
from tasks.cli.refusals import show_groups, show_leads, told_of
from tasks.cli.standing import show_headline, show_installation, show_work
from tasks.screens import as_json, counted, counted_records, named, number, say, table, verbatim
from tasks.settings import SettingsInvalid
from tasks.store import drift, erasures, marks, models, records, refusals, runs, schedule, scores
from tasks.store.drift import Measured
from tasks.store.engine import Store
from tasks.watch import standing
from tasks.wiring import Wiring

POINTS = "points"  # as `model.points.VERSION`; a status need not load the learner
NO_MODEL = "no model yet: too few leads have ended, or none was asked for; `truegrade train {name}` says which"
RUNS = 5
LEAST_PSI = 0.1  # below it nothing has moved, see `model.drift`
REFUSALS = 10
REFUSALS_SHOWN = 3
WORDS = {"excluded": "left alone"}  # a state of a score, as `truegrade sync` says it too


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    app.command()(explain)
    app.command()(status)


def explain(
    lead: Annotated[str, typer.Argument(help="The lead's id in the CRM.")],
    connection: Annotated[str | None, typer.Option("--connection", help="Where it is; else it is looked for.")] = None,
    language: Annotated[str, typer.Option("--language", help="Of reasons and labels: en, de, fr, es or pt.")] = "en",
    company: Annotated[bool, typer.Option("--company", help="The id is a company's: say what it gets.")] = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Say why a lead has its score: every feature's part, adding up to the likelihood."""
    if language not in LANGUAGES:
        raise typer.BadParameter(f"{language} is none of {', '.join(LANGUAGES)}.", param_hint="--language")
    wiring = wiring_of(home)
    if company:
        explain_company(wiring, lead, connection, json=json)
        return
    name = _where(wiring, lead, connection)
    from tasks.explained import explained  # noqa: PLC0415  a status need not load the learner

    with concerning(name):
        told = explained(wiring, name, wiring.record_id(name, lead), language)
    told["standing"] = named(told["standing"], name)
    if json:
        as_json(told)
        return
    say(
        f"[bold]{told['lead']}[/] ({name}): score {told['score']}, grade {told['grade']}, {_likely(told)}, "
        f"model {told['model']}"
    )
    say(verbatim(told["standing"]))
    table(
        f"What it is made of, in {told['unit']}",
        ("feature", "value", "effect"),
        [("every lead starts with", "", f"{told['base']:+.3f}"), *_parts(told), _sum(told)],
        right=(2,),
    )
    for reason in told["reasons"]:
        say(verbatim(f"  {'+' if reason['effect'] > 0 else '-'} {reason['text']}"))
    if told["enriched"]:
        table("Enriched", ("field", "value", "told by", "looked at", "at"), _enriched(told), whole=(4,))
    if told["written_back"]:
        written = told["written_back"].items()
        rows = [(name, verbatim(one["value"]), one["source"], one["at"] or "") for name, one in written]
        table("Written back to the CRM", ("field", "value", "told by", "at"), rows, whole=(3,))


def _enriched(told: dict[str, Any]) -> list[tuple[str, str, str, str, str]]:
    found = told["enriched"].items()
    return [(name, verbatim(one["value"]), one["source"], one["of"], one["at"] or "as of now") for name, one in found]


def _parts(told: dict[str, Any]) -> list[tuple[str, str, str]]:
    parts = sorted(told["contributions"].items(), key=lambda item: -abs(item[1]))
    named, held = told["labels"], told["values"]
    return [(verbatim(named[name]), verbatim(held[name]), f"{effect:+.3f}") for name, effect in parts]


def _sum(told: dict[str, Any]) -> tuple[str, str, str]:
    calibrated = "" if told["likelihood"] is None else f"calibrated: {told['likelihood']:.1%}"
    return "[bold]together[/]", calibrated, f"[bold]{told['margin']:+.3f}[/]"


def _likely(told: dict[str, Any]) -> str:
    if told["likelihood"] is None and told["unit"] != "points":
        return "no likelihood, for a rule disqualifies it"
    if told["likelihood"] is None:
        return "no likelihood before a model is learned"
    return f"likelihood {told['likelihood']:.1%} within {told['horizon_days']} days"


def _where(wiring: Wiring, lead: str, connection: str | None) -> str:
    names = [connection] if connection else list(wiring.connections)
    for name in names:
        if records.get(wiring.store, name, Entity.LEAD, [wiring.record_id(name, lead)]):
            return name
    _require_not_erased(wiring, names, lead)
    _require_no_company(wiring, names, lead)
    where = " or ".join(names)
    pull = f"truegrade pull {' '.join(names)}"
    raise SettingsInvalid(
        f"No lead with the id {lead} was pulled from {where}. Correct the id, or run `{pull}` if it is new."
    )


def _require_no_company(wiring: Wiring, names: Sequence[str], given: str) -> None:
    """Complain of a company's id, and say how a company is explained."""
    for name in names:
        if records.get(wiring.store, name, Entity.COMPANY, [wiring.record_id(name, given)]):
            raise SettingsInvalid(f"{given} is a company of {name}. Run `truegrade explain {given} --company`.")


def _require_not_erased(wiring: Wiring, names: Sequence[str], lead: str) -> None:
    """Complain of a lead that was erased, without naming it: to pull it would not bring it back."""
    for name in names:
        line = erasures.of_lead(wiring.store, name, wiring.record_id(name, lead))
        if line is not None:
            raise SettingsInvalid(
                f"This lead was erased here on {line.erased_at:%Y-%m-%d} (erasure {line.id}), and is never read again. "
                f"If {name} still shows its last score, `truegrade forget {name} --lead ID --clear-crm --yes` "
                "clears it there."
            )


def status(names: Names = None, home: Home = None, json: Json = False) -> None:
    """Show how each connection stands: a headline, model, scores, work, budget, schedules and the latest runs."""
    wiring = wiring_of(home)
    now, slots = wiring.clock.now(), schedule.all_slots(wiring.store)
    told = {
        name: _status(wiring, name) | standing.of_connection(wiring, name, slots, now=now)
        for name in chosen(wiring, names)
    }
    installation = {
        "alerts": standing.of_all(wiring, now=now),
        "workers": standing.of_workers(wiring, now=now),
        "redis": _redis(wiring),
    }
    if json:
        as_json({"connections": told, "installation": installation})
        return
    show_installation(installation, now=now)
    for name, state in told.items():
        _show(name, state, now=now)


def _redis(wiring: Wiring) -> dict[str, Any] | None:
    """Tell whether Redis answers; None without one of the admin's own."""
    if not wiring.settings.redis_url:
        return None
    from tasks.watch import health  # noqa: PLC0415  loads the client of Redis, which our other commands do without

    [check] = health.broker(wiring)
    return {"well": check.well, "told": check.told}


def _status(wiring: Wiring, name: str) -> dict[str, Any]:
    store = wiring.store
    current = models.current(store, name)
    return {
        "crm": wiring.connection(name).crm,
        "mapping": {"in_force": previews.in_force(wiring, name), "edited": promotion.unpromoted(wiring, name)},
        "records": {entity.value: count for entity, count in records.count(store, name).items()},
        "model": current.version if current else _before_the_first(store, name),
        "figures": current.card.get("figures", {}) if current else {},
        "drift": _drift(store, name),
        "scores": {state.value: count for state, count in scores.by_state(store, name).items()},
        "companies": companies.standing(wiring, name),
        "refusals": refusals.by_code(store, name),
        **_refused(wiring, name),
        "runs": [
            {
                "verb": run.verb,
                "state": run.state.value,
                "started_at": run.started_at.isoformat(timespec="seconds"),
                "error": named(run.error, name) if run.error else None,
            }
            for run in runs.newest(store, name, limit=RUNS)
        ],
    }


def _refused(wiring: Wiring, name: str) -> dict[str, Any]:
    told = told_of(wiring, name, REFUSALS, {})
    return {"refusal_causes": told["groups"], "refused": told["refusals"]}


def _before_the_first(store: Store, name: str) -> str | None:
    """Tell whether points score, which have no record of their own: the last scoring noted what it scored with."""
    with store.read() as tx:
        scored_with = marks.read(tx, name).marked_model or ""
    return POINTS if scored_with.split(" ")[0] == POINTS else None


def _drift(store: Store, name: str) -> dict[str, Any] | None:
    """Give the newest measurement, with `told`, which says it in a line; None before the first."""
    found = drift.newest(store, name)
    return asdict(found[0]) | {"told": _drifted(found[0])} if found else None


def _drifted(found: Measured) -> str:
    on = f"{counted(found.leads, 'new lead')} by {found.measured_at:%Y-%m-%d}"
    if not found.features:
        return f"too few to tell ({on}; it takes 500)"
    moved = {**found.features, "the score": found.score_psi}
    names = sorted((name for name, psi in moved.items() if psi >= LEAST_PSI), key=lambda name: -moved[name])
    told = [f"{name} {moved[name]:.2f}" for name in names]
    if found.calibration and found.calibration["is_off"]:
        came, due = found.calibration["happened"], found.calibration["predicted"]
        told.append(f"of leads that ended since, {came:,} won and {due:,.0f} should have")
    next_step = "; the next sync learns a new model, at most one a day" if found.verdict == "shifted" else ""
    return f"{found.verdict}{': ' if told else ''}{', '.join(told)} ({on}){next_step}"


def _show(name: str, state: dict[str, Any], *, now: datetime) -> None:
    show_headline(name, state["crm"], state["headline"])
    held = ", ".join(counted_records(count, entity) for entity, count in state["records"].items())
    say(f"  records: {held or 'nothing pulled yet'}")
    auc = state["figures"].get("auc")
    model = f"points ({NO_MODEL.format(name=name)})" if state["model"] == POINTS else state["model"] or "none yet"
    say(f"  model: {model}" + (f", AUC {auc:.3f} on later time" if auc else ""))
    if state["mapping"]["edited"]:
        say(verbatim(f"  mapping: {state['mapping']['edited']}"))
    if state["drift"]:
        say(verbatim(f"  drift: {state['drift']['told']}"))
    scored = ", ".join(f"{number(count)} {WORDS.get(what, what)}" for what, count in state["scores"].items())
    say(f"  scores: {scored or 'none yet'}")
    if state["companies"]:
        _show_companies(state["companies"])
    show_work(state, now=now)
    if state["refusals"]:
        _show_refusals(name, state)
    if state["runs"]:
        rows = [(run["started_at"], run["verb"], run["state"], verbatim(run["error"] or "")) for run in state["runs"]]
        table("", ("started", "run", "state", "error"), rows)


def _show_companies(told: dict[str, int]) -> None:
    parts = [f"{counted(told['with_leads'], 'company')} with open leads"]
    waits = {"pending": "to be written", "parked": "parked", "refused": "refused", "to_reckon": "to be reckoned anew"}
    parts += [f"{number(told[state])} {words}" for state, words in waits.items() if told.get(state)]
    say(f"  companies: {', '.join(parts)}")


def _show_refusals(name: str, state: dict[str, Any]) -> None:
    show_groups("Refused by the CRM", state["refusal_causes"])
    show_leads("The newest, in the CRM's own words", state["refused"][:REFUSALS_SHOWN])
    say(f"`truegrade refusals {name}` shows more; with --retry it sends them again, once the causes are mended.")
