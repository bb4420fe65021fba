import os
import signal
import subprocess
import sys

import psutil

from connector.clock import SystemClock
from tasks import children
from tasks.children import Kept, look_after

CLOCK = SystemClock()
SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
PARENT = """
import sys
from tasks import children
child = children.start([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
child.wait()
"""


def wait_until(claim):
    for _ in range(1_000):
        if claim():
            return
        CLOCK.sleep(0.02)
    raise AssertionError("it did not happen in time")


def is_gone(pid):
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_child_ends_when_its_parent_is_killed():
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    assert not is_gone(child)

    parent.kill()
    parent.communicate()

    wait_until(lambda: is_gone(child))


def test_who_does_not_stop_is_made_to():
    stubborn = subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, start_new_session=True)
    willing = children.start(SLEEPER)
    assert stubborn.stdout.readline() == b"up\n"

    children.stop([stubborn, willing], within_s=0.5)
    stubborn.stdout.close()

    assert (stubborn.returncode, willing.returncode) == (-signal.SIGKILL, -signal.SIGTERM)


def test_a_process_that_ends_is_started_again_after_waits_that_grow():
    told, started = [], []

    def begin():
        started.append(children.start([sys.executable, "-c", "raise SystemExit(3)"], quiet=True))
        return started[-1]

    kept = Kept("It", begin)
    for times in range(1, 9):
        while len(started) < times:
            look_after(kept, passed_s=1.0, tell=told.append)
        started[-1].wait()
        look_after(kept, passed_s=1.0, tell=told.append)

    waits = [float(words.rpartition(" in ")[2].removesuffix(" s.")) for words in told]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert told[0] == "It has ended (exit code 3); it is started again in 1 s."


def test_one_that_was_steady_is_started_again_at_once():
    kept, told = Kept("It", lambda: children.start(SLEEPER), wait_s=60.0), []
    look_after(kept, passed_s=1.0, tell=told.append)
    look_after(kept, passed_s=61.0, tell=told.append)

    os.kill(kept.process.pid, signal.SIGKILL)
    kept.process.wait()
    look_after(kept, passed_s=0.2, tell=told.append)
    look_after(kept, passed_s=1.0, tell=told.append)
    children.stop([kept.process], within_s=5)

    assert told == ["It has ended (killed by SIGKILL); it is started again in 1 s."]
