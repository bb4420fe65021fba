"""Words of an erased person, sealed until the proof of the erasure is made: killed before, the next try has them.

They are kept in the transaction that erases, and go with the line of the proof. The seal's key is made of this
installation's own and of the lead's id, which only the next one who asks for the erasure gives.
"""

import base64
from collections.abc import Iterable
from hashlib import blake2b

import orjson
from cryptography.fernet import Fernet
from sqlalchemy import Connection, select

from tasks.store import bulk
from tasks.store.tables import hash_keys

KEY_BYTES = 32


def keep(tx: Connection, subject_hash: str, lead_id: str, words: Iterable[str]) -> None:
    """Keep the words of an erasure, beside those of a try before."""
    both = sorted({*words, *(kept(tx, subject_hash, lead_id) or ())})
    sealed = _seal(subject_hash, lead_id).encrypt(orjson.dumps(both))
    bulk.upsert(tx, hash_keys, ("name", "value"), [(_name(subject_hash), sealed)], update=("value",))


def kept(tx: Connection, subject_hash: str, lead_id: str) -> tuple[str, ...] | None:
    """Return the words of an erasure that was not proved yet; None when none are kept."""
    sealed = tx.execute(select(hash_keys.c.value).where(hash_keys.c.name == _name(subject_hash))).scalar()
    return None if sealed is None else tuple(orjson.loads(_seal(subject_hash, lead_id).decrypt(sealed)))


def drop(tx: Connection, subject_hash: str) -> None:
    """Let the words go: the proof is made."""
    tx.execute(hash_keys.delete().where(hash_keys.c.name == _name(subject_hash)))


def _name(subject_hash: str) -> str:
    return f"unproved {subject_hash}"


def _seal(subject_hash: str, lead_id: str) -> Fernet:
    """Make the seal. `subject_hash` is keyed with this installation's own key (`tasks.store.withheld`)."""
    made = blake2b(f"{subject_hash}\0{lead_id}".encode(), digest_size=KEY_BYTES, person=b"unproved").digest()
    return Fernet(base64.urlsafe_b64encode(made))
