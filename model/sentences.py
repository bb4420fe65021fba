"""Values and effects in the words of a colleague: "Industry: Banking", "wins 2.1 times as often".

How often is exact for the lead at hand: its likelihood, over its likelihood without this reason. The same log-odds mean
twice as often for an unlikely lead and hardly more often for one that is likely anyway, and the words say so.
"""

import numpy as np
import polars as pl

from model.features import Feature

NOT_KNOWN = "not known"
MOST = 100  # times as often; more is said as "over"
SLIGHTLY = 5  # per cent less often; fewer are said as "slightly"


def _words_for(tenths: int) -> str:
    if tenths <= 10:
        return "wins slightly more often"
    if tenths > 10 * MOST:
        return f"wins over {MOST} times as often"
    return f"wins {tenths / 10:.1f} times as often" if tenths < 100 else f"wins {tenths // 10} times as often"


def _words_against(percent: int) -> str:
    return f"wins {percent} % less often" if percent >= SLIGHTLY else "wins slightly less often"


FOR = [_words_for(tenths) for tenths in range(10 * MOST + 2)]
WORDS = pl.Series(FOR + [_words_against(percent) for percent in range(100)], dtype=pl.String)


def how_often(log_odds: np.ndarray, without: np.ndarray) -> pl.Series:
    """Say how much more or less often leads win with a reason than without it; log-odds (calibrated) to words."""
    # In logarithms, so that nothing is too large: log(1 + exp(-log-odds)) is minus the logarithm of the likelihood.
    logarithm = np.logaddexp(0, -without) - np.logaddexp(0, -log_odds)
    factor = np.exp(np.minimum(logarithm, np.log(MOST + 1)))
    tenths = np.where(factor < 9.95, np.rint(10 * factor), 10 * np.rint(factor))
    percent = np.rint(100 * (1 - factor))
    words = np.where(log_odds > without, np.minimum(tenths, 10 * MOST + 1), len(FOR) + np.clip(percent, 0, 99))
    return WORDS.gather(words.astype(np.int64))


def said(feature: Feature, values: pl.Series) -> pl.Series:
    """Say a feature's values, each as "LABEL: VALUE", in the order of the rows."""
    match feature.kind:
        case "category":
            words = values.str.replace_all("_", " ", literal=True)
        case "boolean":
            words = values.replace_strict([True, False], ["yes", "no"], default=None, return_dtype=pl.String)
        case "number":
            words = _numbers(values.cast(pl.Float64).to_numpy())
    return pl.select(pl.concat_str(pl.lit(f"{feature.label}: "), words.fill_null(NOT_KNOWN))).to_series()


def _numbers(values: np.ndarray) -> pl.Series:
    """Write numbers; every distinct one that is shown is written once."""
    shown, places = np.unique(_to_what_is_shown(values), return_inverse=True)
    return pl.Series([rounded(value) for value in shown.tolist()], dtype=pl.String).gather(places)


def _to_what_is_shown(values: np.ndarray) -> np.ndarray:
    """Round to no fewer digits than `rounded` shows, so that a million different amounts become a few thousand."""
    size = np.abs(values)
    with np.errstate(all="ignore"):  # of what is not used: logarithms of 0, and steps of infinity
        step = 10.0 ** np.floor(np.log10(size) - 2)
        long, whole = np.rint(values / step) * step, np.rint(values)
    cases = [np.isinf(values), size >= 1e6, size >= 100, size >= 1]
    return np.select(cases, [values, long, whole, np.round(values, 1)], np.round(values, 4))


def rounded(value: float) -> str:
    """Write a number as people say it: 1,200 and 3.4 million."""
    size = abs(value)
    if value != value:  # noqa: PLR0124  # missing
        return NOT_KNOWN
    if size == float("inf"):
        return "without end"
    for unit, word in ((1e9, "billion"), (1e6, "million")):
        if size >= unit:
            return f"{float(f'{value / unit:.3g}'):,.10g} {word}"
    if value == round(value) or size >= 100:
        return f"{value:,.0f}"
    return f"{value:,.1f}" if size >= 1 else f"{value:.2g}" if size >= 0.001 else "0.0"
