"""What enrichment services have answered, by a keyed hash of the key that was asked for: nothing is paid for twice.

Shared by all connections: a domain has one answer. The hash's key lies in the database, as that of erasures does;
who sees a hash without it cannot tell whom it stands for. A row under `DOWN` says that a service is let alone.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

import orjson
from sqlalchemy import Connection, delete, select

from tasks.store import bulk
from tasks.store.engine import Store
from tasks.store.tables import answers, hash_keys
from tasks.store.times import from_text, to_text

KEY = "answers"
KEY_BYTES, HASH_BYTES = 32, 20
DOWN = "down"  # in place of a hash
FILE = "file"  # same: the fingerprint of a customer's table
COLUMNS = ("source", "key_hash", "data", "asked_at")

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service said of a key; None: it knows nothing of it."""

    values: Values | None
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Pause:
    """A service that is let alone until then, and why in words that hold no key."""

    until: datetime
    because: str


def hashing(store: Store) -> Callable[[str, str], str]:
    """Give the function that hashes a source's key; its own key is made if there is none yet."""
    with store.write() as tx:
        bulk.upsert(tx, hash_keys, ("name", "value"), [(KEY, secrets.token_bytes(KEY_BYTES))], update=())
        key = tx.execute(select(hash_keys.c.value).where(hash_keys.c.name == KEY)).scalar_one()

    def hashed(source: str, asked: str) -> str:
        said = f"{source}\0{asked}".encode("utf-8", "surrogatepass")
        return blake2b(said, key=key, digest_size=HASH_BYTES).hexdigest()

    return hashed


def fresh(store: Store, source: str, hashes: Iterable[str], *, since: datetime) -> dict[str, Answer]:
    """Return the answers to these keys that were given no earlier than `since`, by hash."""
    where, bound = "source = ? AND asked_at >= ?", (source, to_text(since))
    with store.read() as tx:
        found = bulk.find(tx, answers, COLUMNS[1:], where=where, bound=bound, column="key_hash", values=hashes)
    return {key: Answer(orjson.loads(data) if data else None, from_text(at)) for key, data, at in found}


def keep(tx: Connection, source: str, key_hash: str, values: Values | None, *, now: datetime) -> None:
    """Keep an answer, in place of an older one."""
    data = None if values is None else orjson.dumps(dict(values), option=orjson.OPT_SORT_KEYS).decode()
    bulk.upsert(tx, answers, COLUMNS, [(source, key_hash, data, to_text(now))], update=("data", "asked_at"))


def pause(store: Store, source: str, *, because: str, now: datetime, length: timedelta) -> None:
    """Let a service alone for a while: it is down, or refuses us."""
    with store.write() as tx:
        keep(tx, source, DOWN, {"until": to_text(now + length), "because": because}, now=now)


def paused(store: Store, source: str, *, now: datetime) -> Pause | None:
    """Tell whether a service is let alone now."""
    held = _held(store, source, DOWN)
    if held is None or from_text(held["until"]) <= now:
        return None
    return Pause(from_text(held["until"]), held["because"])


def fingerprint(store: Store, source: str) -> str | None:
    """Return the fingerprint of the customer's table that leads were last looked at with."""
    held = _held(store, source, FILE)
    return held["hash"] if held else None


def keep_fingerprint(tx: Connection, source: str, fingerprint: str, *, now: datetime) -> None:
    """Keep the fingerprint of a customer's table."""
    keep(tx, source, FILE, {"hash": fingerprint}, now=now)


def forget(store: Store, source: str, *, before: datetime) -> int:
    """Forget what a service answered before; returns how many answers that were."""
    old = (
        (answers.c.source == source) & (answers.c.asked_at < to_text(before)) & answers.c.key_hash.not_in((DOWN, FILE))
    )
    with store.write() as tx:
        return tx.execute(delete(answers).where(old)).rowcount


def _held(store: Store, source: str, name: str) -> Values | None:
    mine = (answers.c.source == source) & (answers.c.key_hash == name)
    with store.read() as tx:
        data = tx.execute(select(answers.c.data).where(mine)).scalar()
    held: Values | None = orjson.loads(data) if data else None
    return held
