"""Leads that are to be scored again because something was learned of others of the same person or company.

Only those of connections whose mapping makes features of earlier leads: to all others it tells nothing. Their numbers
of change move on, so that a scoring which is at work on them takes nothing out of the queue that it has not seen.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from connector.crm import Entity
from tasks.store import lead_ends, marks, stale
from tasks.store.duplicates import Found
from tasks.store.lead_ends import End, Part


def clusters_moved(
    tx: Connection, entity: Entity, before: Mapping[str, Found], after: Mapping[str, tuple[str, str]]
) -> None:
    """Queue the leads of clusters that a record came into or left; `after` tells (cluster, because) by member."""
    used = _using(tx)
    if not used:
        return
    old = {member: row.cluster for member, row in before.items()}
    new = {member: cluster for member, (cluster, _) in after.items()}
    moved = {member for member in old.keys() | new.keys() if old.get(member) != new.get(member)}
    torn = {held[member] for held in (old, new) for member in moved if member in held}
    members = {member for held in (old, new) for member, cluster in held.items() if cluster in torn}
    for connection in sorted(used):
        ids = sorted(member.partition("/")[2] for member in members if member.partition("/")[0] == connection)
        if ids and entity is Entity.LEAD:
            stale.add(tx, connection, ids, version=marks.next_version(tx, connection))
        elif ids:
            keys = lead_ends.keys_of(tx, connection, ids)
            stale.add_linked(tx, connection, keys, version=marks.next_version(tx, connection))


def ends_moved(tx: Connection, connection: str, moved: Iterable[End]) -> None:
    """Queue the leads that came after one of these, of its person or its company."""
    ends = list(moved)
    used = _using(tx)
    if not used or not ends:
        return
    persons = lead_ends.persons(tx, connection, {end.lead_id for end in ends})
    firms = lead_ends.firms(tx, connection, {end.link for end in ends if end.link})
    parts = lead_ends.of_persons(tx, set(persons.values())) + lead_ends.of_firms(tx, connection, firms)
    since: dict[str, str] = {}
    for end in ends:
        for circle in (persons.get(end.lead_id), firms.get(end.link or "")):
            if circle is not None:
                since[circle] = min(since.get(circle, end.created_at), end.created_at)
    _queue(tx, [part for part in parts if part.end.created_at > since[part.circle]], used)


def _queue(tx: Connection, parts: Iterable[Part], used: set[str]) -> None:
    concerned: dict[str, set[str]] = {}
    for part in parts:
        if part.end.connection in used:
            concerned.setdefault(part.end.connection, set()).add(part.end.lead_id)
    for name in sorted(concerned):
        stale.add(tx, name, sorted(concerned[name]), version=marks.next_version(tx, name))


def _using(tx: Connection) -> set[str]:
    """Name the connections whose mapping makes features of earlier leads."""
    return {name for name, mark in lead_ends.marks(tx).items() if mark.used}
