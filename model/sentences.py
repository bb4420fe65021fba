"""Values and effects in the words of a colleague: "Industry: Banking", "2.1 times as likely".

How likely is exact for the lead at hand: its likelihood, over its likelihood without this reason. The same log-odds
mean twice as likely for an unlikely lead and hardly more for one that is likely anyway, and the words say so.
"""

from collections.abc import Mapping as Dict
from functools import cache

import numpy as np
import polars as pl

from model.features import Feature
from model.languages import ENGLISH, Language
from model.visible import visible
from model.wording import PLAIN, Shown, Told, Wording

MOST = 100  # times as likely; more is said as "over"
LONGEST = 100  # characters of a value, so that label, value and effect fit the 255 of a field
MORE = "..."
SLIGHTLY = 5  # per cent less likely; fewer are said as "slightly"
FOR = 10 * MOST + 2  # tenths of a factor, from 0 on, and one more for all that is over


@cache
def _effects(language: Language) -> pl.Series:
    """Say every effect there is: of tenths of a factor, then of per cents less."""
    more = [_more(language, tenths) for tenths in range(FOR)]
    return pl.Series([*more, *(_less(language, percent) for percent in range(100))], dtype=pl.String)


def _more(language: Language, tenths: int) -> str:
    if tenths <= 10:
        return language.slightly_more
    if tenths > 10 * MOST:
        return language.over.format(number=MOST)
    return language.counted(language.times, tenths / 10, f"{tenths / 10:.1f}" if tenths < 100 else f"{tenths // 10}")


def _less(language: Language, percent: int) -> str:
    if percent < SLIGHTLY:
        return language.slightly_less
    return language.less.format(percent=language.percent.format(number=percent))


def how_likely(log_odds: np.ndarray, without: np.ndarray, language: Language = ENGLISH) -> pl.Series:
    """Say how much more or less likely leads are with a reason than without it; log-odds (calibrated) to words."""
    # In logarithms, so that nothing is too large: log(1 + exp(-log-odds)) is minus the logarithm of the likelihood.
    logarithm = np.logaddexp(0, -without) - np.logaddexp(0, -log_odds)
    factor = np.exp(np.minimum(logarithm, np.log(MOST + 1)))
    tenths = np.where(factor < 9.95, np.rint(10 * factor), 10 * np.rint(factor))
    percent = np.rint(100 * (1 - factor))
    words = np.where(log_odds > without, np.minimum(tenths, FOR - 1), FOR + np.clip(percent, 0, 99))
    return _effects(language).gather(words.astype(np.int64))


def said(feature: Feature, values: pl.Series, wording: Wording = PLAIN) -> pl.Series:
    """Say a feature's values, each as "LABEL: VALUE", in the order of the rows."""
    label, words = wording.of(feature).label + wording.language.colon, spoken(feature, values, wording)
    return pl.select(pl.concat_str(pl.lit(label), words)).to_series()


def spoken(feature: Feature, values: pl.Series, wording: Wording = PLAIN) -> pl.Series:
    """Say a feature's values without its name, in the order of the rows."""
    language, told = wording.language, wording.of(feature)
    match feature.kind:
        case "category":
            distinct = values.drop_nulls().unique()
            meant = _meant(distinct, {"true": language.yes, "false": language.no} | dict(told.values))
            words = values.replace_strict(distinct, meant, default=None, return_dtype=pl.String)
        case "boolean":
            answers = [language.yes, language.no]
            words = values.replace_strict([True, False], answers, default=None, return_dtype=pl.String)
        case "number":
            words = _numbers(values.cast(pl.Float64).to_numpy(), told, language)
    return words.fill_null(language.not_known)


def _meant(values: pl.Series, known: Dict[str, str]) -> pl.Series:
    """Give the words of a category's values; null for those of blanks and hidden characters alone."""
    return pl.Series([known.get(value) or _readable(value) for value in values.to_list()], dtype=pl.String)


def _readable(code: str) -> str | None:
    """Make words of a code: "pay_tv" is pay tv, and "PAID_SEARCH", which nobody shouts, paid search.

    What is longer than a sentence has room for is shortened, between two words where there are two.
    """
    quiet = code.lower() if "_" in code and code.isupper() else code
    text = " ".join(visible(quiet).replace("_", " ").split())
    if len(text) <= LONGEST:
        return text or None
    head = text[: LONGEST - len(MORE) + 1]
    return (head.rsplit(" ", 1)[0] if " " in head else head[:-1]).rstrip(",.;: ") + MORE


def _numbers(values: np.ndarray, told: Told, language: Language) -> pl.Series:
    """Write numbers; every distinct one that is shown is written once."""
    distinct, places = np.unique(_to_what_is_shown(_quantities(values, told.shown)) + 0.0, return_inverse=True)  # no -0
    return pl.Series([_as_shown(one, told, language) for one in distinct.tolist()], dtype=pl.String).gather(places)


def _quantities(values: np.ndarray, shown: Shown) -> np.ndarray:
    match shown:
        case "logarithm":
            with np.errstate(over="ignore"):  # without end, then
                return np.asarray(np.expm1(values))
        case "share":
            return 100 * values
        case _:
            return values


def _as_shown(value: float, told: Told, language: Language) -> str:
    if told.most is not None and value >= told.most:
        return language.or_more.format(number=rounded(told.most, language))
    match told.shown:
        case "share" if np.isfinite(value):
            return language.percent.format(number=rounded(value, language))
        case "year" if np.isfinite(value) and value == round(value):
            return f"{value:.0f}"
        case _:
            return rounded(value, language)


def _to_what_is_shown(values: np.ndarray) -> np.ndarray:
    """Round to no fewer digits than `rounded` shows, so that a million different amounts become a few thousand."""
    size = np.abs(values)
    with np.errstate(all="ignore"):  # of what is not used: logarithms of 0, and steps of infinity
        step = 10.0 ** np.floor(np.log10(size) - 2)
        long, whole = np.rint(values / step) * step, np.rint(values)
    cases = [np.isinf(values), size >= 1e6, size >= 100, size >= 1]
    return np.select(cases, [values, long, whole, np.round(values, 1)], np.round(values, 4))


def rounded(value: float, language: Language = ENGLISH) -> str:
    """Write a number as people say it: 1,200 and 3.4 million."""
    size = abs(value)
    if value != value:  # noqa: PLR0124  # missing
        return language.not_known
    if size == float("inf"):
        return language.endless
    for unit, forms in ((1e9, language.billion), (1e6, language.million)):
        if forms and size >= unit:
            shown = float(f"{value / unit:.3g}")
            return language.counted(forms, shown, f"{shown:,.10g}")
    if value == round(value) or size >= 100:
        return language.written(f"{value:,.0f}")
    return language.written(f"{value:,.1f}" if size >= 1 else f"{value:.2g}" if size >= 0.001 else "0")
