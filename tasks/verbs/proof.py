"""The proof that a person was erased: all places are looked at again for the words that tell who it was.

All tables by their columns, all files of the home folder (models, snapshots, exports, reports, logs of the broker), and
Redis. What is kept of it is an audit line with numbers: by whom and when, how much was looked at, how much was found.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from tasks.store import audit, people, tables, traces, unproved
from tasks.store.audit import Line
from tasks.store.engine import Store
from tasks.store.people import Person
from tasks.store.words import sought
from tasks.verbs import identifiers, places, short_ids
from tasks.verbs.forget import Forgotten

if TYPE_CHECKING:
    import redis

ACTION = "person forgotten"
DICTIONARIES = ("*.yaml", "*.yml")


@dataclass(frozen=True, slots=True)
class Found:
    """Where words still stand: rows by table, files (relative to the home folder), and keys of Redis."""

    tables: dict[str, int] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    keys: int = 0

    def __bool__(self) -> bool:
        return bool(self.tables or self.files or self.keys)


@dataclass(frozen=True, slots=True)
class Proof:
    """How much was looked at, for how many words, and what was found; `keys` is None where there is no Redis."""

    words: int
    tables: int
    files: int
    keys: int | None
    left: Found

    def as_dict(self) -> dict[str, Any]:
        """Return the numbers, and where something was left: nothing of a person."""
        looked = {"words": self.words, "tables": self.tables, "files": self.files, "keys": self.keys}
        return looked | {
            "left": dict(self.left.tables),
            "left_files": len(self.left.files),
            "left_keys": self.left.keys,
        }


def prove(store: Store, home: Path, forgotten: Sequence[Forgotten], *, client: "redis.Redis | None" = None) -> Proof:
    """Look everywhere for what tells who these persons were. Changes nothing."""
    told = sorted({word for one in forgotten for word in one.words})
    spoken = _spoken(store, home).encode("utf-8", "surrogatepass")
    proof = look(store, home, [word for word in told if not sought([word]).stands_in(spoken)], client=client)
    persons = [one.who for one in forgotten if one.who is not None]
    naming = [*places.backtests(home, [who.lead_id for who in persons]), *_naming_short(home, persons)]
    named = {path.relative_to(home).as_posix() for path in naming}
    rows = dict(proof.left.tables)
    with store.read() as tx:
        for who in persons:
            for name, held in people.held(tx, who).items():
                rows[name] = max(rows.get(name, 0), len(held))
    return replace(proof, left=Found(rows, tuple(sorted({*proof.left.files, *named})), proof.left.keys))


def _naming_short(home: Path, persons: Iterable[Person]) -> Iterator[Path]:
    """Yield the files that name a person by an id too short to be looked for in any text."""
    ids = sorted(
        {one for who in persons for one in who.links} - {one for who in persons for one in identifiers.ids(who)}
    )
    yield from short_ids.naming(places.files(home), ids)


def look(store: Store, home: Path, words: Sequence[str], *, client: "redis.Redis | None" = None) -> Proof:
    """Look for these words in every table, in every file of the home folder, and in Redis."""
    paths = places.files(home)
    number, named = places.keys(client, words) if client is not None else (None, 0)
    named_in = places.naming(paths, words, lambda: traces.of_others(store, words))
    files = tuple(path.relative_to(home).as_posix() for path in named_in)
    found = Found(traces.naming(store, *words), files, named)
    return Proof(len(words), len(tables.metadata.tables), len(paths), number, found)


def _spoken(store: Store, home: Path) -> str:
    """Give, in small letters, what mappings and labels say: their words tell what a field may hold, and nobody's."""
    said = [path.read_text(encoding="utf-8", errors="replace") for name in DICTIONARIES for path in home.rglob(name)]
    with store.read() as tx:
        for column in (tables.dictionaries.c.text, tables.labels.c.label):
            said += tx.execute(select(column)).scalars()
    return "\n".join(said).lower()


def keep(
    store: Store, forgotten: Iterable[Forgotten], proof: Proof, *, is_proved: bool, now: datetime, actor: str
) -> None:
    """Keep the proof beside the line of each erasure; the sealed words go when it proves that nothing is left.

    Of a person of whom nothing was known any more no line is kept: it would say less than the one before.
    """
    with store.write() as tx:
        for one in (one for one in forgotten if one.is_known):
            subject = f"{one.erasure.connection} erasure {one.erasure.id}"
            audit.add_with(tx, Line(now, actor, ACTION, subject, proof.as_dict() | {"proved": is_proved}))
            if is_proved:
                unproved.drop(tx, one.erasure.subject_hash)


def kept(store: Store, erasure_id: str) -> Line | None:
    """Return the last proof of an erasure; None when none was made."""
    mine = (tables.audit.c.action == ACTION) & tables.audit.c.subject.endswith(
        f" erasure {erasure_id}", autoescape=True
    )
    return audit.last(store, mine & tables.audit.c.detail.contains('"left_files"'))


def is_open(store: Store, forgotten: Forgotten) -> bool:
    """Tell whether the person had gone before without a proof, so that only the id can be looked for."""
    return not forgotten.is_known and not is_proved(store, forgotten.erasure.id)


def is_proved(store: Store, erasure_id: str) -> bool:
    """Tell whether a proof of the erasure was kept that found nothing left."""
    line = kept(store, erasure_id)
    return line is not None and bool(line.detail.get("proved", False))
