"""The points model as plain JSON values, so that a learned model can keep the rules that it leans on."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from model.features import Feature
from model.platt import Line
from model.points import Points
from model.scorecard import Decay, PointsRule, Scorecard, When


def as_dict(points: Points) -> dict[str, Any]:
    """Tell all of it but the features, which are the learned model's."""
    line = asdict(points.line) if points.line else None
    return {"scorecard": asdict(points.scorecard), "line": line, "usual": list(points.usual)}


def read(told: dict[str, Any], features: Sequence[Feature]) -> Points:
    """Make it again from what `as_dict` told. Raises KeyError or TypeError when that is not what it is."""
    card, line = told["scorecard"], told["line"]
    scorecard = Scorecard(
        rules=tuple(_rule(rule) for rule in card["rules"]),
        caps=tuple((family, points) for family, points in card["caps"]),
        floors=tuple((family, points) for family, points in card["floors"]),
        decay=Decay(**card["decay"]) if card["decay"] else None,
        groups=tuple((group, points) for group, points in card.get("groups", ())),  # older models have none
    )
    return Points(scorecard, tuple(features), Line(**line) if line else None, tuple(told["usual"]))


def _rule(told: dict[str, Any]) -> PointsRule:
    when = When(**told["when"] | {"values": tuple(told["when"]["values"])})
    return PointsRule(**told | {"when": when})
