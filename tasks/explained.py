"""Why a lead has its score: every feature's part of it, and how the score stands with the CRM."""

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from connector.crm import Entity
from connector.errors import Misconfigured
from mappings.file.load import Mapping
from mappings.frames.features import feature_frame
from mappings.languages import DEFAULT
from mappings.verdicts import decided
from mappings.wording import wording
from model.model import Model, load
from model.points import Points
from model.reasons import rounded
from tasks.screens import number
from tasks.store import models, records, refusals, scores, write_backs
from tasks.verbs import frames, ruling
from tasks.verbs.enriched import provenance
from tasks.wiring import Wiring

STANDINGS = {
    scores.State.PENDING: "It waits to be written to the CRM: run `truegrade push`.",
    scores.State.WRITTEN: "The CRM holds this score.",
    scores.State.PARKED: "It waits to be written to the CRM until calls are left again.",
    scores.State.EXCLUDED: "It is written to no CRM: the lead is converted, a customer already, merged or deleted.",
}


def explained(wiring: Wiring, name: str, lead: str, language: str = DEFAULT) -> dict[str, Any]:
    """Score one lead from the store, as the verb would, and give every feature's part of it.

    Reasons and labels are in `language`, whatever the mapping writes to the CRM. The parts, their sum (`margin`) and
    the `base` are in `unit`: log-odds or, as long as points score, points.
    """
    mapping = replace(wiring.mapping(name), language=language)
    model = _model(wiring, mapping, name)
    some = frames.of_leads(wiring.store, mapping, name, records.get(wiring.store, name, Entity.LEAD, [lead]))
    features = feature_frame(mapping, some.leads, some.companies, some.activities)
    said = wording(mapping)
    by_hand = ruling.by_hand(wiring.store, name, [lead], now=wiring.clock.now())
    scored = decided(mapping, model.score(features, said), features, by_hand).row(0, named=True)
    parts, base = _parts(model, features)
    return {
        "lead": lead,
        "connection": name,
        "model": model.version,
        "horizon_days": mapping.outcome.horizon_days if isinstance(model, Points) else model.card["horizon_days"],
        "standing": _standing(wiring, name, lead),
        "score": scored["score"],
        "grade": scored["grade"],
        "route": scored["route"],
        "likelihood": scored["likelihood"],
        "unit": "points" if isinstance(model, Points) else "log-odds",
        "margin": scored["margin"],
        "base": base,
        "contributions": {feature.name: part for feature, part in zip(model.features, parts[0].tolist(), strict=True)},
        "features": features.drop("id").row(0, named=True),
        "values": {name: _shown(value) for name, value in features.drop("id").row(0, named=True).items()},
        "labels": {feature.name: said.of(feature).label for feature in (*mapping.features, *model.features)},
        "reasons": scored["reasons"],
        "enriched": provenance(wiring.store, mapping, name, some.leads, some.companies),
        "written_back": _written_back(wiring, name, lead),
    }


def _written_back(wiring: Wiring, name: str, lead: str) -> dict[str, dict[str, str | None]]:
    """Tell by field which enriched values the CRM took from us: whose they are, and since when they stand there."""
    kept = write_backs.of(wiring.store, name, [lead]).get(lead, {})
    written = {field: back for field, back in kept.items() if back.written is not None}
    return {
        field: {"value": back.written, "source": back.source, "at": back.written_at} for field, back in written.items()
    }


def _model(wiring: Wiring, mapping: Mapping, name: str) -> Model | Points:
    """Give what scores: the current model or, before the first, the points of the mapping."""
    current = models.current(wiring.store, name)
    if current is not None:
        return load(wiring.settings.models_folder / current.path)
    if not mapping.points.rules:
        raise Misconfigured(f"{name} has no model yet.", fix="Run `truegrade train`.")
    return Points(mapping.points, mapping.features)


def _parts(model: Model | Points, features: pl.DataFrame) -> tuple[np.ndarray, float]:
    match model:
        case Points():
            return model.contributions(features)
        case Model():
            return model.ensemble.contributions(features)


def _standing(wiring: Wiring, name: str, lead: str) -> str:
    """Say how the lead's last score stands with the CRM."""
    known = scores.known(wiring.store, name, [lead]).get(lead)
    if known is None:
        return "It was not scored yet: run `truegrade score`."
    refusal = refusals.of_lead(wiring.store, name, lead)
    if known.state == scores.State.REFUSED and refusal is not None:
        return f"The CRM refused it and holds an older one, or none: {refusal.code}: {refusal.message}"
    return STANDINGS.get(scores.State(known.state), "")


def _shown(value: object) -> str:
    return rounded(value) if isinstance(value, float) else number(value)
