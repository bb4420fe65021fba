"""Follows backfills as they go on: bars on a terminal, and where there is none a line for each change."""

from collections.abc import Callable, Iterable

from tasks import backfills
from tasks.screens import OnProgress, counted, note, progress
from tasks.store import backfills as stored
from tasks.store.backfills import State
from tasks.wiring import Wiring

LOOK_EVERY_S = 1.0
Tell = Callable[[str, str], None]


def follow(wiring: Wiring, ids: Iterable[str]) -> None:
    """Show their progress, beside the result, until each of them has ended, is paused, or is stuck."""
    following, tell = list(ids), _of_changes()

    def unwatched(step: str, done: int, total: int | None) -> None:
        tell(step.partition(" ")[0], f"{step}: {done:,} of {counted(total or 0, 'part')}")

    with progress("", unwatched=unwatched) as on_progress:
        while following := [one for one in following if _goes_on(wiring, one, on_progress, tell)]:
            wiring.clock.sleep(LOOK_EVERY_S)


def _of_changes() -> Tell:
    """Make what tells a line about something only if it differs from the last one about it."""
    last: dict[str, str] = {}

    def tell(about: str, line: str) -> None:
        if last.get(about) != line:
            last[about] = line
            note(line)

    return tell


def _goes_on(wiring: Wiring, backfill: str, on_progress: OnProgress, tell: Tell) -> bool:
    found = stored.get(wiring.store, backfill)
    if found is None:
        return False
    state = backfills.standing(wiring, found)
    on_progress(f"{backfill} {found.stage.value}", state["done"], state["units"])
    if state["waits_for"]:
        tell(f"{backfill} waits", f"{backfill} waits: {state['waits_for']}")
    return found.state is State.RUNNING
