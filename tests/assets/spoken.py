"""Texts in every language as they stand on records, made by what makes them, for the parts that take them apart."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import yaml

from mappings.languages import phrases
from mappings.moved import Moved, note
from model.features import Feature
from model.languages import CODES, language
from model.moves import Cause
from model.sentences import how_likely, said
from model.wording import Wording

VALUES = {
    Feature("employees", "Employees (all), worldwide", "number", "fit"): [0.0, 12.5, 1234.0, 4.2e6, None],
    Feature("city", "City", "category", "fit"): ["Paris, Texas", "Rome (It)", "a: b", "100% Design", None],
    Feature("free_mail", "Free mail", "boolean", "fit"): [True, False, True, False, None],
}
FACTORS = np.array([1.001, 2.1, 400, 0.999, 0.35])  # times as likely
CAUSES = (Cause("City", 9, was="Paris, Texas", now="Rome (It)"), Cause("Title", -4), Cause("Free mail", 1))
MODEL = "20261124-ab12cd34"


def spoken() -> dict[str, dict[str, list[list[str]]]]:
    """Make, by language, `reasons` as [line, what it says, its effect] and `changes` as [note, since when]."""
    return {code: {"reasons": _reasons(code), "changes": _changes(code)} for code in CODES}


def golden() -> list[dict[str, str]]:
    """Give the texts that people have read line by line: each in every language."""
    path = Path(__file__).resolve().parents[1] / "mappings" / "said.yaml"
    rows: list[dict[str, str]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return rows


def _reasons(code: str) -> list[list[str]]:
    told = language(code)
    without = np.full(len(FACTORS), 0.001)
    effects = how_likely(_log_odds(without * FACTORS), _log_odds(without), told).to_list()
    effects += [told.counted(told.points, points, f"{points:+d}") for points in (15, 1, -10)]
    lines = []
    for feature, values in VALUES.items():
        for text in said(feature, pl.Series(values), Wording(told)).to_list():
            lines += [[f"+ {text} ({effect})", text, effect] for effect in effects]
    return lines


def _log_odds(likelihood: np.ndarray) -> np.ndarray:
    return np.asarray(np.log(likelihood / (1 - likelihood)))


def _changes(code: str) -> list[list[str]]:
    words, day = phrases(code), date(2026, 11, 3)
    since = words.since.format(date=words.dated(day))
    moves = [Moved(was=48, since=day, causes=CAUSES[:count]) for count in range(len(CAUSES) + 1)]
    return [[note(54, moved, model=MODEL, length=255, said=words) or "", since] for moved in moves]
