from datetime import UTC, datetime
from itertools import count

import pytest

from connector.crm import Cursor, Entity, Page, Record
from tasks.store import cursors, records

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIELDS = ("name", "company", "visits")


def stamp(second):
    return f"2026-03-01T10:{second // 60:02}:{second % 60:02}.000Z"


def lead(number, second=0, *, name="Ann", company=None, visits=None, gone=None, into=None):
    values = (None, None, None) if gone else (name, company, visits)
    return Record(f"L{number:04}", stamp(second), values, gone, into)


def page(*found, entity=Entity.LEAD, fields=FIELDS, at="c1"):
    return Page(entity, fields, tuple(found), Cursor(at))


def identify_lead(values):
    return None, values[1]


def company(key, second=0, *, number=None, size="10", gone=None):
    values = (None, None) if gone else (key, size)
    return Record(f"C{number or key}", stamp(second), values, gone)


def companies(*found):
    return Page(Entity.COMPANY, ("domain", "size"), tuple(found), Cursor("c1"))


def activity(number, lead_id, second=0, *, status="sent", gone=None):
    values = (None, None) if gone else (lead_id, status)
    return Record(f"A{number}", stamp(second), values, gone)


def activities(*found):
    return Page(Entity.ACTIVITY, ("lead", "status"), tuple(found), Cursor("c1"))


IDENTIFY = {
    Entity.LEAD: identify_lead,
    Entity.COMPANY: lambda values: (values[0], None),
    Entity.ACTIVITY: lambda values: (None, values[0]),
    Entity.DEAL: lambda _values: (None, None),
}


def hold(store, connection, *leads):
    """Let these leads be here, whatever they are."""
    found = [Record(one, stamp(1), (one, None, None)) for one in leads]
    records.save_page(store, connection, page(*found), identify=identify_lead)


class Shelf:
    """A store with one connection, in the words of these tests."""

    lead, page, company, companies, activity, activities = map(
        staticmethod, (lead, page, company, companies, activity, activities)
    )
    stamp = staticmethod(stamp)
    now = NOW

    def __init__(self, store, name):
        self.store, self.name = store, name

    def save(self, saved, cursor=None):
        return records.save_page(self.store, self.name, saved, identify=IDENTIFY[saved.entity], cursor=cursor)

    def begin(self, entity=Entity.LEAD, at="start"):
        cursors.begin_load(self.store, self.name, entity, Cursor(at), fields=FIELDS, now=NOW)

    def rows(self, entity=Entity.LEAD):
        return [row for chunk in records.chunks(self.store, self.name, entity, size=2) for row in chunk]


@pytest.fixture
def shelf(store):
    return Shelf(store, "salesforce")


@pytest.fixture
def shelf_of(store):
    return lambda name: Shelf(store, name)


@pytest.fixture
def new_shelf(store):
    """Make connections that nobody used before, for the examples of a property."""
    numbers = count()
    return lambda: Shelf(store, f"connection {next(numbers)}")
