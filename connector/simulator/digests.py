"""What records hold, as short hashes: enough to tell whether two simulators ended alike, and small enough to send."""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

import orjson

from connector.simulator.writes import MOMENT, OURS

# Moved by every write, whoever wrote: "SystemModstamp", "LastModifiedById", "lastmodifieddate", "hs_lastmodifieddate".
_STAMPS = ("lastmodified", "modstamp")


def digests(records: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str | None]]:
    """Give for each record the hash of our fields (None: they are all empty) and that of all others.

    Neither the moment of scoring nor the stamps that every write moves are in them.
    """
    return {record: list(_of(values)) for record, values in records.items()}


def _of(values: Mapping[str, Any]) -> tuple[str | None, str]:
    ours: list[tuple[str, Any]] = []
    theirs: list[tuple[str, Any]] = []
    for name, value in values.items():
        lower = name.lower()
        if value is None or lower.startswith(MOMENT) or any(stamp in lower for stamp in _STAMPS):
            continue
        (ours if lower.startswith(OURS) else theirs).append((name, value))
    return _hash(ours) if ours else None, _hash(theirs)


def _hash(pairs: Iterable[tuple[str, Any]]) -> str:
    return blake2b(orjson.dumps(sorted(pairs)), digest_size=8).hexdigest()
