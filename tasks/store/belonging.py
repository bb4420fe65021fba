"""What belongs to some leads: their companies, and their activities, each of which may hang on several of them."""

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

from sqlalchemy import Connection

from connector.crm import Entity
from tasks.store import links
from tasks.store.engine import Store
from tasks.store.records import Row, found


def belonging(
    store: Store,
    connection: str,
    companies: Collection[str],
    owners: Mapping[str, str],
    activities: Iterable[Entity],
    through: Mapping[Entity, Entity] = MappingProxyType({}),
) -> tuple[list[Row], dict[Entity, list[Row]]]:
    """Return the companies with these keys, and by kind the activities of `owners`, each in order of id.

    `owners` tells the lead by each id that its activities may point to, which is put in place of it. An activity that
    hangs on several of them is there once for each lead. `through` names the junction of a kind that has one.
    """
    with store.read() as tx:
        linked = found(tx, connection, Entity.COMPANY, "key", set(companies))
        acted = {one: _acted(tx, connection, one, owners, through.get(one)) for one in activities}
    return linked, acted


def _acted(
    tx: Connection, connection: str, entity: Entity, owners: Mapping[str, str], junction: Entity | None
) -> list[Row]:
    """Return the activities of one kind, each once for each of its leads."""
    rows = found(tx, connection, entity, "link", set(owners))
    pairs = list(links.of(tx, connection, entity, owners))
    if junction is not None:
        joined = found(tx, connection, junction, "link", set(owners))
        pairs += [(row.key, row.link) for row in joined if row.key and row.link]
    if pairs:
        shared = {row.id: row for row in found(tx, connection, entity, "id", {one for one, _ in pairs})}
        rows += [shared[one]._replace(link=link) for one, link in pairs if one in shared]
    told = {(row.id, owners[row.link]): row for row in rows if row.link}
    return [row if row.link == lead else row._replace(link=lead) for (_, lead), row in sorted(told.items())]
