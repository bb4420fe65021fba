"""From scores to the values of our fields: numbers, words and sentences as each CRM wants them."""

from collections.abc import Collection, Iterable, Iterator
from collections.abc import Mapping as Values
from datetime import UTC, datetime

import polars as pl

from mappings.languages import phrases
from mappings.mapping import Mapping
from mappings.moved import Moved, note
from mappings.outputs import OUTPUTS
from mappings.ruling import is_decision
from mappings.texts import fitted

Value = str | int | float | None

MIDDLE = 50  # of the scores from 1 to 99
FIGURES = ("score", "grade", "likelihood", "fit", "engagement")
REASONS = pl.List(pl.Struct({"code": pl.String, "text": pl.String, "effect": pl.Float64}))


def outbound(
    mapping: Mapping,
    scores: pl.DataFrame,
    *,
    model: str,
    moved: Values[str, Moved] | None = None,
    now: datetime,
    promised: Collection[str] = (),
) -> list[tuple[str, dict[str, Value]]]:
    """Make each lead's (id, values by CRM field), in the order of `scores`.

    `scores` is a scorer's frame: id, score, grade, likelihood, fit, engagement, reasons (a list of code, text, effect;
    strongest first), and as `verdicts.decided` gives it also the route; without one, grades have theirs. `moved` tells
    by lead id the score that the CRM holds, since when, and what moved it; it makes the note of change. `now` (aware)
    is when the values are made. A score without a likelihood (that of points) leaves the field out, but for leads in
    `promised`: those for which the CRM holds a likelihood of ours, which is cleared.
    """
    held = moved or {}
    routes, version = dict(mapping.routes), fitted(model, _length("model"))
    same, said = {"model": version, "scored_at": _instant(now)}, phrases(mapping.language)
    made = []
    reasons = _texts(scores)
    figures = ("id", *FIGURES, *(("route",) if "route" in scores.columns else ()))
    for row, lines, codes in zip(scores.select(figures).iter_rows(named=True), *reasons, strict=True):
        roles: dict[str, Value] = row | _words(lines, codes, is_high=(row["score"] or 0) >= MIDDLE) | same
        roles["likelihood"] = _likelihood(mapping.crm, row["likelihood"])
        roles["change"] = note(row["score"], held.get(row["id"]), model=version, length=_length("change"), said=said)
        roles.setdefault("route", routes.get(row["grade"]))
        if roles["likelihood"] is None and row["id"] not in promised:
            del roles["likelihood"]
        made.append((row["id"], {name: roles[role] for role, name in mapping.outputs if role in roles}))
    return made


def _likelihood(crm: str, value: float | None) -> float | None:
    """Give 12.34 for 12.34 % to Salesforce's percent fields, and 0.1234 to HubSpot's percentages."""
    if value is None:
        return None
    return round(value * 100, 2) if crm == "salesforce" else round(value, 4)


def _texts(scores: pl.DataFrame) -> tuple[list[list[str] | None], list[list[str] | None]]:
    """Give each row's reasons as lines and as codes, None where it has none.

    As one long column of reasons, which is quicker than a list of structs for each row.
    """
    each = scores.select(pl.int_range(pl.len()).alias("row"), pl.col("reasons").cast(REASONS))
    long = each.explode("reasons", empty_as_null=False, keep_nulls=False).unnest("reasons")
    sign = pl.when(pl.col("effect") > 0).then(pl.lit("+ ")).otherwise(pl.lit("- "))
    listed = long.group_by("row").agg((sign + pl.col("text")).alias("lines"), pl.col("code").alias("codes"))
    rows = each.select("row").join(listed, on="row", how="left", maintain_order="left")
    return rows["lines"].to_list(), rows["codes"].to_list()


def _words(lines: list[str] | None, codes: list[str] | None, *, is_high: bool) -> dict[str, Value]:
    if not lines or not codes:
        return {"top_reason": None, "reasons": None, "reason_codes": None}
    longest = _length("reasons")
    # The one sentence in a list must say why the score is what it is: what was decided, else for a low one what speaks
    # against the lead.
    own = next((line for line in lines if line.startswith("+ " if is_high else "- ")), lines[0])
    top = lines[0] if is_decision(codes[0]) else own
    return {
        "top_reason": fitted(top[len("+ ") :], _length("top_reason")),
        "reasons": "\n".join(_as_fit((fitted(line, longest) for line in lines), longest)) or None,
        "reason_codes": ";".join(_as_fit(dict.fromkeys(codes), _length("reason_codes"))) or None,
    }


def _as_fit(parts: Iterable[str], length: int) -> Iterator[str]:
    """Yield whole parts, strongest first, as long as they fit with one character between them."""
    used = -1
    for part in parts:
        used += 1 + len(part)
        if used > length:
            return
        yield part


def _length(role: str) -> int:
    return OUTPUTS[role].length or 0


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
