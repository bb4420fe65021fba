"""A learned model: scores frames, explains itself, and is kept as a directory of files."""

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from catboost import CatBoostClassifier

from model import linear, points_kept
from model.calibration import Calibrator
from model.codes import admitted
from model.ensemble import Ensemble
from model.errors import DamagedModel
from model.features import Feature
from model.reasons import reasons
from model.reference import Reference, grades, ranks
from model.suitable import finite
from model.wording import PLAIN, Wording

FORMAT = 2
REPORT = "report.json"
BACKTEST = "backtest.parquet"
ID = Feature("id", "Id", "category", "fit")
BLOCK = 25_000  # leads scored in one go: what is between frame and scores stays small


@dataclass(frozen=True)
class Model:
    """`backtest` has id, label and likelihood of the rows that the card's figures were measured on.

    `report` (report/tell.py) is there when the model was just learned; it is kept beside the model, not loaded with it.
    """

    version: str
    card: dict[str, Any]
    ensemble: Ensemble
    reference: Reference
    backtest: pl.DataFrame
    report: dict[str, Any] | None = None

    @property
    def features(self) -> tuple[Feature, ...]:
        return self.ensemble.features

    def score(self, frame: pl.DataFrame, wording: Wording = PLAIN) -> pl.DataFrame:
        """Score leads, in the order of the rows; see the README for the columns. `wording` tells the reasons.

        Raises UnsuitableFrame naming a column that is missing or of the wrong kind.
        """
        for feature in (ID, *self.features) if frame.height else ():
            admitted(frame, feature)
        known = finite(frame, self.features)
        blocks = known.iter_slices(BLOCK) if known.height else iter([known])
        return pl.concat([self._score(block, wording) for block in blocks])

    def _score(self, frame: pl.DataFrame, wording: Wording) -> pl.DataFrame:
        parts, base = self.ensemble.contributions(frame)
        margins = parts.sum(axis=1) + base
        split = {family: parts[:, self._places(family)].sum(axis=1) + base for family in ("fit", "engagement")}
        return pl.DataFrame(
            {
                "id": frame["id"],
                "likelihood": self.ensemble.calibrator.likelihood(margins),
                "score": ranks(margins, self.reference.total),
                "grade": pl.Series(grades(margins, self.reference), dtype=pl.String),
                "fit": ranks(split["fit"], self.reference.fit),
                "engagement": ranks(split["engagement"], self.reference.engagement),
                "margin": margins,
                "reasons": reasons(frame, self.features, parts, margins, self.ensemble.calibrator.calibrated, wording),
            }
        )

    def contributions(self, frame: pl.DataFrame) -> tuple[float, pl.DataFrame]:
        """Return the base and each feature's part of the margins (log-odds): base + row sum = margin."""
        parts, base = self.ensemble.contributions(frame)
        return base, pl.DataFrame({feature.name: parts[:, place] for place, feature in enumerate(self.features)})

    def _places(self, family: str) -> list[int]:
        return [place for place, feature in enumerate(self.features) if feature.family == family]

    def save(self, directory: Path) -> None:
        """Keep the model in the directory, which must be empty or not there; whole or not at all."""
        beside = directory.with_name(f".{directory.name}.new")
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        for number, member in enumerate(self.ensemble.members):
            member.save_model(str(beside / f"member-{number}.cbm"))
        self.backtest.write_parquet(beside / BACKTEST)
        described = {
            "format": FORMAT,
            "version": self.version,
            "members": len(self.ensemble.members),
            "calibrator": asdict(self.ensemble.calibrator),
            "line": self.ensemble.line.as_dict() if self.ensemble.line else None,
            "line_share": self.ensemble.line_share,
            "rules": points_kept.as_dict(self.ensemble.rules) if self.ensemble.rules else None,
            "rules_share": self.ensemble.rules_share,
            "features": [asdict(feature) for feature in self.features],
            "known": self.ensemble.known,
            "usual": self.ensemble.usual,
            "reference": {name: values.tolist() for name, values in asdict(self.reference).items()},
            "card": self.card,
        }
        described["digest"] = digest(beside, described)
        (beside / "model.json").write_text(json.dumps(described, indent=1), encoding="utf-8")
        if self.report is not None:
            (beside / REPORT).write_text(json.dumps(self.report), encoding="utf-8")
        if directory.exists():
            directory.rmdir()
        beside.rename(directory)


def load(directory: Path) -> Model:
    """Load a model. Raises DamagedModel naming the directory and what is wrong."""
    try:
        described = json.loads((directory / "model.json").read_text(encoding="utf-8"))
        if described["format"] != FORMAT:
            raise DamagedModel(f"{directory} holds a model that another version of Truegrade made.")
        if described.pop("digest", None) != digest(directory, described):
            raise DamagedModel(f"{directory} holds no whole model: a file of it was changed.")
        return Model(
            version=described["version"],
            card=described["card"],
            ensemble=_ensemble(directory, described),
            reference=Reference(**{name: np.array(values) for name, values in described["reference"].items()}),
            backtest=pl.read_parquet(directory / BACKTEST),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DamagedModel(f"{directory} holds no whole model ({type(error).__name__}).") from error


def digest(directory: Path, described: dict[str, Any]) -> str:
    """Hash all that a model scores with: its description and the files beside it."""
    found = hashlib.sha256(json.dumps(described, sort_keys=True).encode())
    for path in sorted([*directory.glob("member-*.cbm"), directory / BACKTEST]):
        found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()


def _ensemble(directory: Path, described: dict[str, Any]) -> Ensemble:
    features = tuple(Feature(**feature) for feature in described["features"])
    rules = described["rules"]
    return Ensemble(
        members=tuple(_member(directory / f"member-{number}.cbm") for number in range(described["members"])),
        calibrator=Calibrator(**{name: tuple(knots) for name, knots in described["calibrator"].items()}),
        features=features,
        known=described["known"],
        line=linear.read(described["line"]) if described["line"] else None,
        line_share=described["line_share"],
        rules=points_kept.read(rules, features) if rules else None,
        rules_share=described["rules_share"],
        usual=described["usual"],
    )


def _member(path: Path) -> CatBoostClassifier:
    if not path.is_file():
        raise DamagedModel(f"{path} is missing.")
    member = CatBoostClassifier()
    member.load_model(str(path))
    return member


def kinds(features: Sequence[Feature]) -> dict[str, Any]:
    """Return the column types that a frame of these features has."""
    types = {"number": pl.Float64, "boolean": pl.Boolean, "category": pl.String}
    return {feature.name: types[feature.kind] for feature in features}
