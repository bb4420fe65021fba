"""Signs of a leak that are measured on rows not learned from: what a feature tells alone, and beside all others."""

from collections.abc import Sequence

import polars as pl

from model.leaks import alone as telling
from model.leaks import shapes
from model.leaks.search import Search, said

TOO_GOOD = 0.80  # AUC alone, of a number, if all others together miss at least TOO_MUCH of it
TOO_MUCH = 0.08
FAR_TOO_GOOD = 0.90  # AUC alone, of a category
SILENCE = 0.56  # AUC up to which all others together tell nothing
SPEAKS = 0.04  # by which one feature tells more than that silence


def clocks(search: Search) -> None:
    for name in search.numbers():
        stopped, single, smooth = shapes.is_stopped_clock(
            search.frame[name].cast(pl.Float64), search.label, seed=search.seed
        )
        if stopped:
            reason = (
                "It counts something in whole steps, and its effect jumps from one value to the next "
                f"({said(single)} value by value, {said(smooth)} in bands): like days that stopped when many leads "
                "were closed at once."
            )
            search.drop(name, "stopped clock", reason, auc_by_value=single, auc_in_bands=smooth)


def too_good(search: Search) -> None:
    """In turns, because one leak hides another: what is far too good alone, and what all others cannot make up for."""
    while search.left:
        tells = _alone(search, search.left)
        name = max(tells, key=lambda one: tells[one])
        score = tells[name]
        if score < TOO_GOOD or not _is_too_good(search, name, score):
            return


def _alone(search: Search, names: Sequence[str]) -> dict[str, float]:
    """Give the AUC of each of these alone; what was measured once is known."""
    for name in names:
        if name not in search.tells:
            search.tells[name] = telling.alone(search.frame[name], search.label, seed=search.seed)
    return {name: search.tells[name] for name in names}


def _is_too_good(search: Search, name: str, score: float) -> bool:
    others = [other for other in search.left if other != name]
    rest = telling.together(search.frame.select(others), search.label, seed=search.seed)
    whole = telling.together(search.frame.select(search.left), search.label, seed=search.seed)
    gain = whole - rest
    is_number = search.features[name].kind == "number"
    if score < FAR_TOO_GOOD and not (is_number and gain >= TOO_MUCH):
        return False
    reason = (
        f"It is too good to have been known beforehand: alone it tells {said(score)}, all others together "
        f"{said(rest)}, and all with it {said(whole)}."
    )
    search.drop(name, "too good", reason, auc_alone=score, auc_of_others=rest, auc_of_all=whole)
    return True


def alone_in_silence(search: Search) -> None:
    """One number that tells something where a whole table tells nothing was most likely filled afterwards."""
    if len(search.left) <= len(search.found) or len(search.left) < 6:
        return
    tells = _alone(search, search.numbers())
    for name, score in sorted(tells.items(), key=lambda item: -item[1])[:1]:
        others = [other for other in search.left if other != name]
        rest = telling.together(search.frame.select(others), search.label, seed=search.seed)
        if rest <= SILENCE and score >= max(rest, 0.5) + SPEAKS:
            reason = (
                f"It alone tells something ({said(score)}) where all other fields together tell nothing "
                f"({said(rest)}): most likely it was measured when the outcome was known."
            )
            search.drop(name, "alone in silence", reason, auc_alone=score, auc_of_others=rest)
