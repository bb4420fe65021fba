from datetime import UTC, datetime

import pytest

from tasks.cli import look
from tasks.store import drift
from tasks.store.drift import Measured
from tasks.store.engine import open_store

AT = datetime(2026, 11, 3, 12, tzinfo=UTC)
OFF = {"rows": 900, "predicted": 120.4, "happened": 80, "z": -3.9, "is_off": True}


@pytest.fixture
def told(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    store.migrate()

    def tell(features, score_psi, verdict, leads=1_240, calibration=None):
        drift.save(store, "acme", Measured(AT, "m1", leads, features, score_psi, calibration, verdict))
        return look._drift(store, "acme")["told"]

    yield tell
    store.close()


def test_a_steady_market_is_told_in_a_word(told):
    assert told({"industry": 0.02}, 0.01, "steady") == "steady (1,240 new leads by 2026-11-03)"


def test_what_moved_is_named_the_farthest_first(told):
    line = told({"industry": 0.12, "country": 0.21, "visits": 0.03}, 0.15, "moved")

    assert line == "moved: country 0.21, the score 0.15, industry 0.12 (1,240 new leads by 2026-11-03)"


def test_a_shift_says_what_happens_next(told):
    line = told({"industry": 0.02}, 0.01, "shifted", calibration=OFF)

    assert "of leads that ended since, 80 won and 120 should have" in line
    assert line.endswith("the next sync learns a new model, at most one a day")


def test_too_few_leads_are_told_as_such(told):
    assert told({}, 0.0, "few", leads=12) == "too few to tell (12 new leads by 2026-11-03; it takes 500)"
