"""Processes that we start and keep up: one that ends is started again, and none outlives us.

A process that is killed with -9 can stop nothing, so the kernel does it: on Linux each child asks to be killed when its
parent ends (prctl(2), PR_SET_PDEATHSIG), as Celery has it for the processes of its pools. Elsewhere children that
outlive us have to be ended by hand. Everything that they do may be killed anywhere and is taken up again.
"""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0
STEADY_S = 60.0  # who has been up for so long did not fail at its start

# Looked up before any fork, for a child may load nothing between its fork and its new program.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def die_with(parent: int) -> None:
    """Let the kernel kill this process when its parent, the process of that id, ends; end now if it has already.

    Survives a change of program, and is not handed down to processes of its own. The parent is the thread that made
    this process: it must be one that stays. Does nothing but on Linux. Source: prctl(2), PR_SET_PDEATHSIG.
    """
    if _prctl is None:
        return
    _prctl(PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL), *(ctypes.c_ulong(0),) * 3)
    if os.getppid() != parent:
        os._exit(1)


def start(
    command: list[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    quiet: bool = False,
    keeps: Iterable[int] = (),
) -> "subprocess.Popen[bytes]":
    """Start a process that dies with us, in a session of its own: Ctrl-C reaches us alone, and we stop it in order.

    `quiet`: it says nothing on our screen. `keeps`: files of ours that it holds open, with their locks.
    """
    parent = os.getpid()
    output = subprocess.DEVNULL if quiet else None
    return subprocess.Popen(
        command,
        env=env,
        cwd=cwd,
        stdout=output,
        stderr=output,
        start_new_session=True,
        pass_fds=tuple(keeps),
        preexec_fn=lambda: die_with(parent),  # noqa: PLW1509  the hazard is threads; who starts children has one
    )


def stop(processes: Iterable["subprocess.Popen[bytes]"], *, within_s: float) -> None:
    """Ask all of them to end at once, and wait; kill those that have not `within_s`, with all that they started."""
    asked = [process for process in processes if process.poll() is None]
    for process in asked:
        process.terminate()
    for process in asked:
        try:
            process.wait(within_s)
        except subprocess.TimeoutExpired:
            kill_all_of(process)
            process.wait()


def kill_all_of(process: "subprocess.Popen[bytes]") -> None:
    """Kill what is left of a process and of the processes that it started. Does nothing when nothing is left."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


@dataclass(slots=True)
class Kept:
    """A process that is kept up: `begin` starts it (again). What passes is told in seconds by who looks after it."""

    name: str
    begin: Callable[[], "subprocess.Popen[bytes]"]
    process: "subprocess.Popen[bytes] | None" = None
    wait_s: float = FIRST_WAIT_S
    left_s: float = 0.0
    up_s: float = 0.0


def look_after(kept: Kept, *, passed_s: float, tell: Callable[[str], None]) -> None:
    """Start it if it is not up and its wait is over; when it has ended, tell so and begin a wait, each twice as long.

    Called again and again; `passed_s` have passed since the last call. Waits are summed from these, so that a clock
    that is set back delays nothing.
    """
    if kept.process is None:
        kept.left_s -= passed_s
        if kept.left_s <= 0:
            kept.process, kept.up_s = kept.begin(), 0.0
    elif (code := kept.process.poll()) is None:
        kept.up_s += passed_s
        if kept.up_s >= STEADY_S:
            kept.wait_s = FIRST_WAIT_S
    else:
        kill_all_of(kept.process)
        tell(f"{kept.name} has ended ({how(code)}); it is started again in {kept.wait_s:.0f} s.")
        kept.process, kept.left_s = None, kept.wait_s
        kept.wait_s = min(2 * kept.wait_s, LONGEST_WAIT_S)


def how(code: int) -> str:
    """Say how a process ended, from what `Popen.poll` returned."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:  # a real-time signal has no name
        return f"killed by signal {-code}"
