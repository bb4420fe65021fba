"""Decisions by hand, as scoring hears them: which hold for some leads, and that a score is made of them too.

The rules of the mapping are a part of the mapping's version, so that a change of theirs makes every score anew; a
decision by hand concerns one lead, whose hash of inputs it joins.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b

from mappings.frames.hashes import SIZE
from mappings.ruling import ByHand
from tasks.store import overrides
from tasks.store.engine import Store


def by_hand(store: Store, connection: str, leads: Sequence[str], *, now: datetime) -> dict[str, ByHand]:
    """Return by lead what a person has decided, and holds now."""
    found = overrides.holding(store, connection, leads, now=now)
    return {lead: ByHand(one.because, one.grade, one.route, one.until) for lead, one in found.items()}


def with_hand(leads: Sequence[str], hashes: Sequence[str], decided: Mapping[str, ByHand]) -> list[str]:
    """Hash what was decided by hand together with the inputs of each lead; where nothing was, inputs alone count."""
    return [
        _hash(inputs, decided[lead]) if lead in decided else inputs for lead, inputs in zip(leads, hashes, strict=True)
    ]


def _hash(inputs: str, one: ByHand) -> str:
    return blake2b(f"{inputs}\n{one!r}".encode(), digest_size=SIZE).hexdigest()
