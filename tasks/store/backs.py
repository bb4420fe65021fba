"""A value of ours in a field of the CRM's own, and how it is known again: by digests of all that we may have sent.

Each value is noted by its digest before it is sent: what may be ours is known from then on, whatever becomes of the
run, of the mapping, or of the lead, for a record that was merged lives on in another, and one that was deleted can come
back.
"""

import re
from datetime import timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import NamedTuple

from tasks.store.times import from_text

DIGEST_BYTES = 8
FORM = re.compile(r"\s+|[^\w\s](?!\d)")
# A CRM's flows run with the save, or within moments of it. The longer this is, the more edits of people are taken for
# theirs; a flow that comes later is taken for a person, which loses nothing of anybody's.
AT_ONCE = timedelta(minutes=1)


class State(StrEnum):
    """What became of a value."""

    PENDING = "pending"
    SENDING = "sending"  # perhaps written: whoever sent it was stopped before its outcome was kept
    WRITTEN = "written"
    REFUSED = "refused"
    KNOWN = "known"  # nothing waits; what may be ours is known by its digests
    THEIRS = "theirs"  # people have written there since: nothing of ours is written there again


class Back(NamedTuple):
    """One value for one field of a lead; `written` is what the CRM took from us last.

    `sent` are the digests of all that the CRM may have taken from us, in order of time; `stamp_at` is the record's
    stamp right before the last of them was sent.
    """

    lead_id: str
    field: str
    source: str
    value: str
    state: str
    written: str | None = None
    written_at: str | None = None
    code: str | None = None
    message: str | None = None
    times: int = 0
    sent: str | None = None
    stamp_at: str | None = None

    def may_hold(self, held: str | None) -> bool:
        """Tell whether what the CRM holds now is ours: written last, or perhaps written since."""
        if held is None or self.state == State.THEIRS:
            return False
        known = self._digests()
        if self.written is None:
            return digest(held) in known
        last = digest(self.written)
        return digest(held) in (known[known.index(last) :] if last in known else (last, *known))

    def was_ours(self, held: str | None) -> bool:
        """Tell whether what the CRM held at any time may have been ours."""
        written = () if self.written is None else (digest(self.written),)
        return held is not None and digest(held) in (*written, *self._digests())

    def is_rewritten(self, held: str | None, stamp_at: str) -> bool:
        """Tell whether a flow of the CRM has made what it holds of what we wrote: trimmed it, or changed its case.

        By the letters, and by the moment: `stamp_at`, when the record moved last, is about that of our write. What
        somebody wrote later is theirs, however alike it is.
        """
        if held is None or self.written is None or self.written_at is None or self.state == State.THEIRS:
            return False
        if self.was_ours(held) or not letters(held) or letters(held) != letters(self.written):
            return False
        return bool(stamp_at) and abs(from_text(stamp_at) - from_text(self.written_at)) <= AT_ONCE

    def _digests(self) -> tuple[str, ...]:
        value = (digest(self.value),) if self.state == State.SENDING and not self.sent else ()
        return (*(self.sent or "").split(), *value)

    def noting(self, *values: str) -> str:
        """Give the digests with those of these values at their end."""
        fresh = dict.fromkeys(map(digest, values))
        return " ".join([*(one for one in self._digests() if one not in fresh), *fresh])


class Planned(NamedTuple):
    """A value that is to be written."""

    lead_id: str
    field: str
    source: str
    value: str


class Ended(NamedTuple):
    """What became of a value; `written` is what the CRM holds of ours now. `passing`: as of a refusal."""

    back: Back
    state: State
    written: str | None = None
    code: str | None = None
    message: str | None = None
    passing: bool = False


def digest(value: str) -> str:
    """Name a value as CRMs keep it: without the blanks around it, lines ended in one way."""
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).hexdigest()


def letters(value: str) -> str:
    """Write a value without what a CRM's flow may make of it: case, blanks, and signs that no digit follows.

    A sign before a digit tells numbers apart: 1.5 is not 15, nor is -5 the same as 5.
    """
    return FORM.sub("", value.casefold())
