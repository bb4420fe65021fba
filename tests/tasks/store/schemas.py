"""Databases as earlier versions made them, and their rows."""

import warnings

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, select, text
from sqlalchemy.exc import SAWarning

from tasks.store.engine import MIGRATIONS


def config(connection=None):
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made


def revisions():
    """Every revision there is, the oldest first."""
    return [script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()][::-1]


def migrate_to(store, revision):
    """Make the schema of that revision, in an empty database."""
    with store.write() as tx:
        command.upgrade(config(tx), revision)


def tables(store):
    """The tables as they are in the database, by name; Alembic's own is none of them."""
    with store.read() as tx, warnings.catch_warnings(action="ignore", category=SAWarning):  # an index over two names
        metadata = MetaData()
        metadata.reflect(tx)
        return {name: table for name, table in metadata.tables.items() if name != "alembic_version"}


def copy_rows(source, target):
    """Take over what both schemas know; what the older one lacks had not been written yet."""
    theirs, ours = tables(source), tables(target)
    for name in theirs.keys() & ours.keys():
        both = [column.name for column in ours[name].columns if column.name in theirs[name].columns]
        with source.read() as tx:
            rows = [dict(row) for row in tx.execute(select(*(theirs[name].c[key] for key in both))).mappings()]
        if rows:
            with target.write() as tx:
                tx.execute(ours[name].insert(), rows)
                if not target.is_sqlite and isinstance(rows[0].get("id"), int):  # the next one gets the next number
                    tx.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}"))
