from datetime import timedelta

from tasks.store import drift
from tasks.store.drift import KEPT, Measured


def measured(shelf, hours=0, **changes):
    values = {"model": "m1", "leads": 900, "features": {"industry": 0.12}, "score_psi": 0.05, "calibration": None}
    return Measured(measured_at=shelf.now + timedelta(hours=hours), **{**values, "verdict": "moved", **changes})


def test_the_newest_measurement_comes_first(shelf):
    truth = {"rows": 400, "predicted": 50.5, "happened": 40, "z": -1.5, "is_off": False}
    drift.save(shelf.store, shelf.name, measured(shelf))
    drift.save(shelf.store, shelf.name, measured(shelf, hours=1, calibration=truth))
    drift.save(shelf.store, "other", measured(shelf, hours=2))

    assert drift.newest(shelf.store, shelf.name, limit=5) == [
        measured(shelf, hours=1, calibration=truth),
        measured(shelf),
    ]
    assert drift.newest(shelf.store, "nobody") == []


def test_saving_again_is_no_second_measurement(shelf):
    for verdict in ("moved", "steady"):
        drift.save(shelf.store, shelf.name, measured(shelf, verdict=verdict))

    assert [row.verdict for row in drift.newest(shelf.store, shelf.name, limit=5)] == ["steady"]


def test_the_oldest_are_forgotten(shelf):
    for hour in range(KEPT + 3):
        drift.save(shelf.store, shelf.name, measured(shelf, hours=hour))
    drift.save(shelf.store, "other", measured(shelf))

    kept = drift.newest(shelf.store, shelf.name, limit=KEPT + 10)
    assert len(kept) == KEPT
    assert kept[-1].measured_at == shelf.now + timedelta(hours=3)
    assert len(drift.newest(shelf.store, "other", limit=5)) == 1
