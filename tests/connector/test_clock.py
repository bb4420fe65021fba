import subprocess
import sys
import threading
from datetime import timedelta

import pytest

from connector.clock import ShiftedClock, SystemClock

SLEEPER = """
import sys
from pathlib import Path
from connector.clock import ShiftedClock

clock = ShiftedClock(Path(sys.argv[1]))
print(clock.now().isoformat(), flush=True)
clock.sleep(3600)
print(clock.now().isoformat(), flush=True)
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "offset"


def move_until(claim, clock):
    """Move the clock, again and again: a sleeper may reckon its end only after it was moved once."""
    for _ in range(600):
        if claim():
            return
        clock.advance(timedelta(hours=1))
        SystemClock().sleep(0.05)


def test_without_a_file_it_is_the_machines_clock(path):
    before = SystemClock().now()

    told = ShiftedClock(path).now()

    assert before <= told <= SystemClock().now()


def test_moves_add_up_and_are_seen_by_every_clock_on_the_file(path):
    clock, other = ShiftedClock(path), ShiftedClock(path)

    clock.advance(timedelta(minutes=40))
    clock.advance(timedelta(seconds=-0.5))

    assert other.offset_s() == 2_399.5
    assert other.now() - SystemClock().now() > timedelta(minutes=39)
    assert [one.name for one in path.parent.iterdir()] == ["offset"]


def test_a_sleeper_wakes_when_the_clock_is_moved(path):
    clock = ShiftedClock(path)
    sleeper = threading.Thread(target=clock.sleep, args=(3_600.0,))
    sleeper.start()

    move_until(lambda: not sleeper.is_alive(), clock)

    assert not sleeper.is_alive()


def test_no_time_at_all_is_slept_for_nothing_or_less(path):
    ShiftedClock(path).sleep(0)
    ShiftedClock(path).sleep(-5)


def test_a_sleeper_in_another_process_wakes_too(path):
    with subprocess.Popen([sys.executable, "-c", SLEEPER, str(path)], stdout=subprocess.PIPE, text=True) as other:
        began = other.stdout.readline()

        move_until(lambda: other.poll() is not None, ShiftedClock(path))
        ended = other.stdout.read()

    assert ended > began
