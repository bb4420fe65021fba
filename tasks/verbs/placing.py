"""What is to be done with an enriched value for a field of the CRM's own, by what the CRM holds there now."""

from collections.abc import Mapping
from enum import StrEnum

from mappings.enrichment import WriteBack
from mappings.file.writing_back import is_due, is_same
from tasks.store.backs import Back, State
from tasks.verbs.predicted import Foreseen
from tasks.verbs.written_back import standing


class Place(StrEnum):
    """What is to be done with a value."""

    SEND = "send"
    REFUSE = "refuse"  # the describe does not admit it
    OURS = "ours"  # it stands there already: somebody stopped before that was kept
    LEAVE = "leave"
    THEIRS = "theirs"  # left, for people have written there, or taken out what was ours
    EXCLUDE = "exclude"


def placed(
    back: Back, form: str | Foreseen, asked: WriteBack, now: Mapping[str, str | None] | None, stamp_at: str = ""
) -> Place:
    """Tell what is to be done with a value that goes out as `form`, or cannot.

    `now` is what the lead holds, with the stamp of its record; None: it is no lead any more.
    """
    if now is None:
        return Place.EXCLUDE
    if back.field not in now:
        return Place.REFUSE  # what cannot be read before it is written is not written
    held = now[back.field]
    if _is_of_people(back, held, stamp_at):
        return Place.THEIRS
    ours = standing(back, held)
    if isinstance(form, Foreseen):
        return Place.REFUSE if is_due(back.value, held, ours, renews=asked.renews) else Place.LEAVE
    if is_same(held, form) and back.may_hold(held):
        return Place.OURS
    return Place.SEND if is_due(form, held, ours, renews=asked.renews) else Place.LEAVE


def _is_of_people(back: Back, held: str | None, stamp_at: str) -> bool:
    """Tell whether people have written since we did, or may have taken out what was on its way to an empty field.

    If the record has not moved since that was on its way, nobody has taken it out: it never came there.
    """
    if not back.noting():
        return False
    if held is not None:  # what a flow has just made of ours is noted with the next pull
        return not back.was_ours(held) and not back.is_rewritten(held, stamp_at)
    is_in_doubt = back.written is None and (back.state == State.SENDING or back.stamp_at is not None)
    return is_in_doubt and back.stamp_at != stamp_at
