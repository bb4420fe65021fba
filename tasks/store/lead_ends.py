"""How leads ended, across all connections of an installation, by the person and the company that they belong to.

A circle is all leads of one person, or all of one company: a cluster of duplicates or, of a company that is there once,
the leads that point to it. Whoever has a part in one is told by the newest look at duplicates.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, delete

from connector.crm import Entity
from tasks.store import bulk, duplicates
from tasks.store.living import living
from tasks.store.tables import lead_end_marks, lead_ends, records

COLUMNS = ("connection", "lead_id", "link", "deal", "created_at", "outcome", "outcome_at")
KEY = ("connection", "lead_id")
ALIVE = "connection = ? AND entity = ? AND gone IS NULL"


class Mark(NamedTuple):
    """Up to which change ends were told, by which rules, and whether features are made of them."""

    version: int
    rules: str
    used: bool


NO_MARK = Mark(0, "", used=False)


class End(NamedTuple):
    """A lead, the company that it points to, the deal that it names, and what became of it when; moments are texts."""

    connection: str
    lead_id: str
    link: str | None
    deal: str | None
    created_at: str
    outcome: str
    outcome_at: str | None


class Part(NamedTuple):
    """A lead as a part of a circle."""

    circle: str
    end: End


def marks(tx: Connection) -> dict[str, Mark]:
    """Return the mark of each connection."""
    statement = "SELECT connection, version, rules, used FROM lead_end_marks"
    return {row[0]: Mark(row[1], row[2], bool(row[3])) for row in bulk.rows(tx, statement, ())}


def set_mark(tx: Connection, connection: str, mark: Mark) -> None:
    """Keep a connection's mark."""
    row = (connection, mark.version, mark.rules, int(mark.used))
    columns = ("connection", "version", "rules", "used")
    bulk.upsert(tx, lead_end_marks, columns, [row], update=columns[1:])


def forget(tx: Connection, connection: str) -> None:
    """Drop all that is known of a connection's leads, and its mark."""
    for table in (lead_ends, lead_end_marks):
        tx.execute(delete(table).where(table.c.connection == connection))


def of(tx: Connection, connection: str, leads: Iterable[str]) -> dict[str, End]:
    """Return the ends of these leads, by their id."""
    return {end.lead_id: end for end in _find(tx, connection, "lead_id", leads)}


def naming(tx: Connection, connection: str, deals: Iterable[str]) -> list[str]:
    """Return the leads that name one of these deals."""
    return [end.lead_id for end in _find(tx, connection, "deal", deals)]


def replace(tx: Connection, connection: str, leads: Sequence[str], made: Iterable[End]) -> list[End]:
    """Put the ends of these leads in place of those they had; returns those that are others now, and what they were.

    Of a lead that went while its end was told, nothing is kept.
    """
    here = living(tx, connection, Entity.LEAD, set(leads))
    before, after = of(tx, connection, leads), {end.lead_id: end for end in made if end.lead_id in here}
    moved = [end for lead, end in before.items() if after.get(lead) != end]
    new = [end for lead, end in after.items() if before.get(lead) != end]
    bulk.delete(tx, lead_ends, KEY, [(connection, lead) for lead in before if lead not in after])
    bulk.upsert(tx, lead_ends, COLUMNS, new, update=COLUMNS[2:])
    return moved + new


def drop_gone(tx: Connection, connection: str) -> None:
    """Drop the ends of leads that are not here any more."""
    statement = (
        "DELETE FROM lead_ends WHERE connection = ? AND NOT EXISTS (SELECT 1 FROM records r WHERE "
        "r.connection = lead_ends.connection AND r.entity = 'lead' AND r.id = lead_ends.lead_id AND r.gone IS NULL)"
    )
    tx.exec_driver_sql(bulk.sql(tx, statement), (connection,))


def persons(tx: Connection, connection: str, leads: Iterable[str]) -> dict[str, str]:
    """Tell the circle of each of these leads whose person is there more than once."""
    found = duplicates.clustered(tx, Entity.LEAD, {f"{connection}/{lead}" for lead in leads})
    return {row.id: row.cluster for row in found.values()}


def firms(tx: Connection, connection: str, links: Collection[str]) -> dict[str, str]:
    """Tell the circle of the company that each of these links points to."""
    bound, columns = (connection, Entity.COMPANY.value), ("id", "key")
    companies = bulk.find(tx, records, columns, where=ALIVE, bound=bound, column="key", values=links)
    clusters = duplicates.clustered(tx, Entity.COMPANY, {f"{connection}/{company}" for company, _ in companies})
    found: dict[str, str] = {}
    for company, key in sorted(companies):
        if (cluster := clusters.get(f"{connection}/{company}")) is not None:
            found.setdefault(key, cluster.cluster)
    return {link: found.get(link) or f"{connection} {link}" for link in links}


def of_persons(tx: Connection, circles: Collection[str]) -> list[Part]:
    """Return all leads of these persons."""
    found = duplicates.of_clusters(tx, Entity.LEAD, circles)
    cluster_of = {(row.connection, row.id): row.cluster for row in found.values()}
    ends = (end for name, ids in _by_first(cluster_of).items() for end in _find(tx, name, "lead_id", ids))
    return [Part(cluster_of[end.connection, end.lead_id], end) for end in ends]


def of_firms(tx: Connection, connection: str, circles: Mapping[str, str]) -> list[Part]:
    """Return all leads of these companies, which `firms` told for links of this connection."""
    known = [(connection, link, circle) for link, circle in circles.items()]
    known += _keys(tx, set(circles.values()))
    circles_of: dict[tuple[str, str], set[str]] = {}
    for name, link, circle in known:
        circles_of.setdefault((name, link), set()).add(circle)
    ends = (end for name, links in _by_first(circles_of).items() for end in _find(tx, name, "link", links))
    return [Part(circle, end) for end in ends for circle in sorted(circles_of[end.connection, end.link or ""])]


def deals_of(tx: Connection, connection: str, leads: Collection[str]) -> list[str]:
    """Name the deals that point to one of these leads, alone or among others."""
    bound = (connection, Entity.DEAL.value)
    alone = [row[0] for row in bulk.find(tx, records, ("id",), where=ALIVE, bound=bound, column="link", values=leads)]
    shared = f"SELECT id, link FROM records WHERE {ALIVE} AND link IS NOT NULL AND link LIKE ?"  # noqa: S608  our own words
    wanted = set(leads)
    found = bulk.rows(tx, shared, (*bound, "%;%"))
    return alone + [deal for deal, link in found if not wanted.isdisjoint(link.split(";"))]


def keys_of(tx: Connection, connection: str, companies: Iterable[str]) -> list[str]:
    """Tell the keys by which leads point to these companies."""
    bound, columns = (connection, Entity.COMPANY.value), ("key",)
    found = bulk.find(tx, records, columns, where=ALIVE, bound=bound, column="id", values=companies)
    return [row[0] for row in found if row[0]]


def _keys(tx: Connection, clusters: Collection[str]) -> list[tuple[str, str, str]]:
    """Tell (connection, key, cluster) of all companies of these clusters."""
    found = duplicates.of_clusters(tx, Entity.COMPANY, clusters)
    cluster_of = {(row.connection, row.id): row.cluster for row in found.values()}
    keyed = []
    for name, ids in _by_first(cluster_of).items():
        bound, columns = (name, Entity.COMPANY.value), ("id", "key")
        rows = bulk.find(tx, records, columns, where=ALIVE, bound=bound, column="id", values=ids)
        keyed += [(name, key, cluster_of[name, company]) for company, key in rows if key]
    return keyed


def _find(tx: Connection, connection: str, column: str, values: Iterable[str]) -> list[End]:
    rows = bulk.find(tx, lead_ends, COLUMNS, where="connection = ?", bound=(connection,), column=column, values=values)
    return [End(*row) for row in rows]


def _by_first(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    named: dict[str, list[str]] = {}
    for first, second in pairs:
        named.setdefault(first, []).append(second)
    return named
