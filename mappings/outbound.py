"""From scores to the values of our fields: numbers, words and sentences as each CRM wants them."""

from collections.abc import Mapping as Values
from datetime import date, datetime
from typing import Any

import polars as pl

from mappings.load import Mapping
from mappings.outputs import OUTPUTS, field_name

Previous = Values[str, tuple[int, date]]


def outbound(
    mapping: Mapping, scores: pl.DataFrame, *, model: str, previous: Previous | None = None, now: datetime
) -> list[tuple[str, dict[str, str | int | float | None]]]:
    """Make each lead's values by CRM field, in the order of `scores` (a scorer's frame).

    `previous` tells the score that the CRM holds and since when, by lead id; it makes the note of change.
    """
    previous = previous or {}
    routes = dict(mapping.routes)
    names = {role: field_name(mapping.crm, role) for role in mapping.outputs}
    at = now.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    made = []
    for row in scores.iter_rows(named=True):
        reasons = row["reasons"] or []
        roles: dict[str, Any] = {
            "score": row["score"],
            "grade": row["grade"],
            "likelihood": _likelihood(mapping.crm, row["likelihood"]),
            "fit": row["fit"],
            "engagement": row["engagement"],
            "top_reason": fitted(reasons[0]["text"], 255) if reasons else None,
            "reasons": _lines(reasons),
            "reason_codes": _codes(reasons),
            "change": _change(row["score"], previous.get(row["id"])),
            "route": routes.get(row["grade"]),
            "model": model,
            "scored_at": at,
        }
        made.append((row["id"], {names[role]: roles[role] for role in mapping.outputs}))
    return made


def _likelihood(crm: str, value: float) -> float:
    """Salesforce's percent fields hold 12.34 for 12.34 %; HubSpot's percentages 0.1234."""
    return round(value * 100, 2) if crm == "salesforce" else round(value, 4)


def _lines(reasons: list[dict[str, Any]]) -> str | None:
    length = OUTPUTS["reasons"].length or 0
    lines: list[str] = []
    for reason in reasons:
        line = f"{'+' if reason['effect'] > 0 else '-'} {reason['text']}"
        if sum(map(len, lines)) + len(lines) + len(line) > length:
            break
        lines.append(line)
    return "\n".join(lines) or None


def _codes(reasons: list[dict[str, Any]]) -> str | None:
    length = OUTPUTS["reason_codes"].length or 0
    codes: list[str] = []
    for reason in reasons:
        if sum(map(len, codes)) + len(codes) + len(reason["code"]) > length:
            break
        codes.append(reason["code"])
    return ";".join(codes) or None


def _change(score: int, before: tuple[int, date] | None) -> str | None:
    if before is None or before[0] == score:
        return None
    was, since = before
    return f"{score - was:+d} since {since.day} {since:%b %Y}"


def fitted(text: str, length: int) -> str:
    """Shorten to the length between two words."""
    if len(text) <= length:
        return text
    return text[: length - 3].rsplit(" ", 1)[0].rstrip(",.; ") + "..."
