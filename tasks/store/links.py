"""What an activity points to where it hangs on several leads: a meeting with three contacts counts for each of them.

`records.link` holds all of them, ";" between; here is a row for each, by which they are found. An activity of one lead,
as most are, has none. Where the CRM keeps a record for each pair instead (a junction), those records do the same: their
`key` is the activity, their `link` the lead.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from sqlalchemy import Connection

from connector.crm import Entity
from tasks.store import bulk
from tasks.store.tables import links

COLUMNS = ("connection", "entity", "id", "link")


def several(link: str | None) -> tuple[str, ...]:
    """Give what a record points to, each once, if it is more than one; else nothing."""
    parts = tuple(dict.fromkeys(part for part in (link or "").split(";") if part))
    return parts if len(parts) > 1 else ()


def keep(
    tx: Connection, connection: str, entity: Entity, told: Mapping[str, str | None], *, had: Collection[str] = ()
) -> None:
    """Let activities be found by all that they point to, by id; those that `had` rows before lose these first."""
    bulk.delete(tx, links, COLUMNS[:-1], [(connection, entity.value, one) for one in sorted(had)])
    rows = [(connection, entity.value, one, part) for one, link in told.items() for part in several(link)]
    bulk.upsert(tx, links, COLUMNS, rows, update=())


def of(tx: Connection, connection: str, entity: Entity, leads: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the (activity, lead) pairs of these leads, of activities that hang on several."""
    where, bound = "connection = ? AND entity = ?", (connection, entity.value)
    yield from bulk.find(tx, links, ("id", "link"), where=where, bound=bound, column="link", values=leads)
