"""Signs of a leak that need no model: what values say, what is filled, for whom and together, and shapes of numbers."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from model.leaks import shapes
from model.leaks.finding import Finding
from model.leaks.search import Search, said, two_way
from model.leaks.settled import settles, settles_both_ways
from model.leaks.words import SHARE, words_of_work
from model.rare import LEAST

LEAST_ROWS = 300  # fewer cannot show that anything is too good
UNIQUE = 0.9  # of the filled rows hold a value of their own: an identifier or free text
ONE_CLASS = 0.75  # AUC of being filled or not
CLOCKWORK = ("shares of a whole", "nested counters")
DOUBT = 0.12  # AUC above a half of being filled, from which people should know


def identifiers(search: Search) -> None:
    """A value of its own in nearly each row: a name of the row, its number, or free text. It cannot be learned from."""
    for name in search.left:
        column = search.frame[name].drop_nulls()
        kind = search.features[name].kind
        if kind == "boolean" or len(column) < LEAST_ROWS:
            continue
        share = column.n_unique() / len(column)
        if share < UNIQUE or (kind == "number" and (column != column.round()).any()):
            continue
        if kind == "category":
            reason = f"It is an identifier or free text: {share:.0%} of the rows have a value of their own."
            search.drop(name, "identifier", reason, unique_share=share)
        elif column.is_sorted() or column.is_sorted(descending=True) or _in_order(column):
            reason = "It is the number of the row: it rises or falls with the order of the table."
            search.drop(name, "row order", reason, unique_share=share)


def _in_order(column: pl.Series) -> bool:
    steps = np.diff(column.to_numpy())
    return bool(max((steps > 0).mean(), (steps < 0).mean()) > UNIQUE)


def work_words(search: Search) -> None:
    for name in search.left:
        if search.features[name].kind != "category":
            continue
        share, examples = words_of_work(search.frame[name])
        if share >= SHARE:
            shown = [f"“{value}”" for value in examples if (search.frame[name] == value).sum() >= LEAST]
            such_as = f" ({', '.join(shown)})" if shown else ""
            reason = (
                f"Its values are what people or systems note while they work on a lead{such_as}: "
                "it says how the story went on, not how it began."
            )
            search.drop(name, "words of work", reason, share=share)


def one_class(search: Search) -> None:
    """Filled, or varying, for one outcome alone."""
    for name in search.left:
        missing = search.frame[name].is_null().to_numpy()
        if missing.any() and not missing.all():
            score = two_way(missing, search.label)
            if max(score, 1 - score) >= ONE_CLASS:
                when = "reached the milestone" if score < 0.5 else "did not"
                reason = f"It is filled almost only for leads that {when}: being filled or not tells {said(score)}."
                search.drop(name, "filled for one outcome", reason, auc_of_filled=max(score, 1 - score))


def settled_outcomes(search: Search) -> None:
    """Empty, filled, or at its usual value: there hardly any lead had one of the outcomes."""
    for name in search.left:
        told = settles(search.frame[name], search.label)
        if told:
            had = "reached the milestone" if told.outcome else "missed it"
            reason = (
                f"It settles the outcome: where it is {told.where}, {told.seen:,} leads {had}, "
                f"and {told.expected:,.0f} were to be expected. What is known early moves the odds and settles nothing."
            )
            search.drop(name, "settles the outcome", reason, seen=told.seen, expected=round(told.expected, 1))
        elif both := settles_both_ways(search.frame[name], search.label):
            always, never = both
            reason = (
                f"It settles the outcome both ways: with {always!r} all leads reached the milestone, with {never!r} "
                "none did. What is known early moves the odds and settles nothing."
            )
            search.drop(name, "settles the outcome", reason)


def ended_processes(search: Search) -> None:
    numbers = search.frame.select(pl.col(search.numbers()).cast(pl.Float64))
    for name in shapes.shares_of_a_whole(numbers):
        reason = (
            "It is one of several shares of the same whole, which is known only when all is over "
            "(together they are never above 100 %, and mostly exactly that)."
        )
        search.drop(name, "shares of a whole", reason)
    for one, other in shapes.nested_counters(numbers):
        for name, twin in ((one, other), (other, one)):
            if name in search.left:
                reason = (
                    f"It and {search.features[twin].label} run together and stop one after the other, as clocks of one "
                    "process that ended do: one is never above the other, and mostly they are equal."
                )
                search.drop(name, "nested counters", reason)
    _told_by_found(
        search, [name for name, f in search.found.items() if f.sign in ("shares of a whole", "nested counters")]
    )


def _told_by_found(search: Search, seeds: Sequence[str]) -> None:
    """A number that nothing explains but those found is of the same process."""
    if not seeds:
        return
    numbers = search.frame.select(pl.col(name).cast(pl.Float64) for name in (*seeds, *search.numbers()))
    for name in search.numbers():
        by_found = shapes.told_by(numbers, name, seeds, seed=search.seed)
        others = [other for other in search.numbers() if other != name]
        by_rest = shapes.told_by(numbers, name, others, seed=search.seed)
        if by_found >= shapes.TOLD_BY and by_rest < by_found / 2:
            reason = f"It belongs to the same process as the fields above: they explain {by_found:.0%} of its order."
            search.drop(name, "same process", reason, explained=by_found, explained_by_others=by_rest)


def filled_together(search: Search) -> None:
    """What is missing in exactly the rows where a dropped field is was filled by the same hand."""
    suspects = {
        _gaps(search.frame[name]): finding
        for name, finding in search.found.items()
        if finding.sign in ("words of work", "filled for one outcome", "too good")
    }
    for name in search.left:
        gaps = _gaps(search.frame[name])
        if gaps and gaps in suspects:
            reason = (
                f"It is filled in exactly the same rows as {suspects[gaps].label}: by the same hand, at the same time."
            )
            search.drop(name, "filled together", reason)


def _gaps(column: pl.Series) -> bytes:
    """Return which rows are missing, or nothing if too few or nearly all are."""
    missing = column.is_null().to_numpy()
    return missing.tobytes() if 0.02 < missing.mean() < 0.98 else b""


def doubts(search: Search) -> None:
    for name in search.left:
        missing = search.frame[name].is_null().to_numpy()
        score = two_way(missing, search.label)
        if abs(score - 0.5) >= DOUBT:
            reason = (
                f"Being filled or not tells {said(score)}: it may be filled in during the conversation. "
                "It is used; leave it out of the mapping if reps type it late."
            )
            label = search.features[name].label
            evidence = {"auc_of_filled": max(score, 1 - score)}
            search.found[name] = Finding(name, label, "doubted", "filled late", reason, evidence)
