from hypothesis import given
from hypothesis import strategies as st

from tests.killer import KILLS, QUOTA, schedule


@given(seed=st.integers(0, 10**6), kills=st.integers(len(KILLS), 60))
def test_a_seed_always_draws_the_same_kills_of_every_kind_and_spends_the_quota_once(seed, kills):
    events = schedule(seed, kills)

    done = [event.what for event in events]
    assert schedule(seed, kills) == events
    assert sum(what in KILLS for what in done) == kills
    assert set(KILLS) <= set(done)
    assert done.count(QUOTA) == 1
    assert all(event.after >= 0 for event in events)


def test_another_seed_draws_another_order():
    assert schedule(1, 26) != schedule(2, 26)
