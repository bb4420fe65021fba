"""The leak detector: finds, without being told, the features that exist only because of the outcome.

It needs no names: it looks at values, at what is filled together, at shapes, and at how much each tells. Cheap and sure
signs come first; then, in turns, what is too good to have been known beforehand; at last, what alone tells anything.
What it drops is listed with its evidence, and people may overrule it (`allow_after_outcome`), which is listed too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from model.features import Feature
from model.leaks import alone as telling
from model.leaks import shapes
from model.leaks.finding import Finding
from model.leaks.settled import settles
from model.leaks.words import SHARE, words_of_work

ROWS = 20_000  # that AUCs are measured on; signs are looked for in all
LEAST_ROWS = 300  # fewer cannot show that anything is too good
UNIQUE = 0.9  # of the filled rows hold a value of their own: an identifier or free text
TOO_GOOD = 0.80  # AUC alone, of a number, if all others together miss at least TOO_MUCH of it
TOO_MUCH = 0.08
FAR_TOO_GOOD = 0.90  # AUC alone, of a category
ONE_CLASS = 0.75  # AUC of being filled or not
SILENCE = 0.56  # AUC up to which all others together tell nothing
SPEAKS = 0.04  # by which one feature tells more than that silence
CLOCKWORK = ("shares of a whole", "nested counters")
DOUBT = 0.12  # AUC above a half of being filled, from which people should know


@dataclass(slots=True)
class _Search:
    frame: pl.DataFrame
    features: dict[str, Feature]
    label: np.ndarray
    seed: int
    found: dict[str, Finding] = field(default_factory=dict)

    @property
    def left(self) -> list[str]:
        return [name for name in self.features if name not in self.found]

    def numbers(self) -> list[str]:
        return [name for name in self.left if self.features[name].kind == "number"]

    def drop(self, name: str, sign: str, reason: str, **evidence: float) -> None:
        if name not in self.found:
            label = self.features[name].label
            self.found[name] = Finding(name, label, "dropped", sign, reason, evidence)


def find(
    frame: pl.DataFrame, features: Sequence[Feature], label: np.ndarray, *, seed: int, kept: Sequence[str] = ()
) -> tuple[Finding, ...]:
    """Return what is dropped, doubted, or kept by hand (`kept` names it), in the order of the features.

    `label` is 0 or 1 for each row. Deterministic by its arguments. The rows' order is looked at, too.
    """
    search = _Search(frame, {feature.name: feature for feature in features}, label, seed)
    _identifiers(search)
    _words(search)
    _one_class(search)
    _settled(search)
    _shapes(search)
    if label.min() != label.max() and len(label) >= LEAST_ROWS:
        some = np.sort(np.random.default_rng(seed).permutation(len(label))[:ROWS])
        sampled = _Search(frame[some], search.features, label[some], seed, search.found)
        _clocks(sampled)
        _too_good(sampled)
        _alone_in_silence(sampled)
    _filled_together(search)
    _doubts(search)
    return tuple(_overruled(search.found[name], kept) for name in search.features if name in search.found)


def _overruled(finding: Finding, kept: Sequence[str]) -> Finding:
    is_kept = finding.verdict == "dropped" and finding.feature in kept
    return replace(finding, verdict="kept by hand") if is_kept else finding


def _identifiers(search: _Search) -> None:
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


def _words(search: _Search) -> None:
    for name in search.left:
        if search.features[name].kind != "category":
            continue
        share, examples = words_of_work(search.frame[name])
        if share >= SHARE and examples:
            said = ", ".join(f"“{value}”" for value in examples)
            reason = (
                f"Its values are what people or systems note while they work on a lead ({said}): "
                "it says how the story went on, not how it began."
            )
            search.drop(name, "words of work", reason, share=share)


def _one_class(search: _Search) -> None:
    """Filled, or varying, for one outcome alone."""
    for name in search.left:
        missing = search.frame[name].is_null().to_numpy()
        if missing.any() and not missing.all():
            score = _two_way(missing, search.label)
            if max(score, 1 - score) >= ONE_CLASS:
                when = "reached the milestone" if score < 0.5 else "did not"
                reason = f"It is filled almost only for leads that {when}: being filled or not tells {_auc(score)}."
                search.drop(name, "filled for one outcome", reason, auc_of_filled=max(score, 1 - score))


def _settled(search: _Search) -> None:
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


def _two_way(flag: np.ndarray, label: np.ndarray) -> float:
    """Return the AUC of a yes or no: half of one more than the difference of both classes' rates."""
    if label.min() == label.max():
        return 0.5
    return float((1 + flag[label == 1].mean() - flag[label == 0].mean()) / 2)


def _shapes(search: _Search) -> None:
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


def _told_by_found(search: _Search, seeds: Sequence[str]) -> None:
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


def _clocks(search: _Search) -> None:
    for name in search.numbers():
        stopped, single, smooth = shapes.is_stopped_clock(
            search.frame[name].cast(pl.Float64), search.label, seed=search.seed
        )
        if stopped:
            reason = (
                "It counts something in whole steps, and its effect jumps from one value to the next "
                f"({_auc(single)} value by value, {_auc(smooth)} in bands): like days that stopped when many leads "
                "were closed at once."
            )
            search.drop(name, "stopped clock", reason, auc_by_value=single, auc_in_bands=smooth)


def _too_good(search: _Search) -> None:
    """In turns, because one leak hides another: what is far too good alone, and what all others cannot make up for."""
    while search.left:
        tells = {name: telling.alone(search.frame[name], search.label, seed=search.seed) for name in search.left}
        name = max(tells, key=lambda one: tells[one])
        score = tells[name]
        if score < TOO_GOOD or not _is_too_good(search, name, score):
            return


def _is_too_good(search: _Search, name: str, score: float) -> bool:
    others = [other for other in search.left if other != name]
    rest = telling.together(search.frame.select(others), search.label, seed=search.seed)
    whole = telling.together(search.frame.select(search.left), search.label, seed=search.seed)
    gain = whole - rest
    is_number = search.features[name].kind == "number"
    if score < FAR_TOO_GOOD and not (is_number and gain >= TOO_MUCH):
        return False
    reason = (
        f"It is too good to have been known beforehand: alone it tells {_auc(score)}, all others together "
        f"{_auc(rest)}, and all with it {_auc(whole)}."
    )
    search.drop(name, "too good", reason, auc_alone=score, auc_of_others=rest, auc_of_all=whole)
    return True


def _alone_in_silence(search: _Search) -> None:
    """One number that tells something where a whole table tells nothing was most likely filled afterwards."""
    if len(search.left) <= len(search.found) or len(search.left) < 6:
        return
    tells = {name: telling.alone(search.frame[name], search.label, seed=search.seed) for name in search.numbers()}
    for name, score in sorted(tells.items(), key=lambda item: -item[1])[:1]:
        rest = telling.together(search.frame.select(set(search.left) - {name}), search.label, seed=search.seed)
        if rest <= SILENCE and score >= max(rest, 0.5) + SPEAKS:
            reason = (
                f"It alone tells something ({_auc(score)}) where all other fields together tell nothing "
                f"({_auc(rest)}): most likely it was measured when the outcome was known."
            )
            search.drop(name, "alone in silence", reason, auc_alone=score, auc_of_others=rest)


def _filled_together(search: _Search) -> None:
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
    missing = column.is_null()
    return missing.to_numpy().tobytes() if 0.02 < missing.mean() < 0.98 else b""  # type: ignore[operator]


def _doubts(search: _Search) -> None:
    for name in search.left:
        missing = search.frame[name].is_null().to_numpy()
        score = _two_way(missing, search.label)
        if abs(score - 0.5) >= DOUBT:
            reason = (
                f"Being filled or not tells {_auc(score)}: it may be filled in during the conversation. "
                "It is used; leave it out of the mapping if reps type it late."
            )
            label = search.features[name].label
            evidence = {"auc_of_filled": max(score, 1 - score)}
            search.found[name] = Finding(name, label, "doubted", "filled late", reason, evidence)


def _auc(score: float) -> str:
    return f"AUC {max(score, 1 - score):.2f}"
