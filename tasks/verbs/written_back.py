"""Values of ours in fields of the CRM's own: told apart from people's, and which are due.

What we wrote must not come back as if a person had written it: features look at such a field as if it were empty, and
at the enriched value for what it is. Our records alone tell which value is ours.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Dict

import polars as pl

from mappings.enrichment import PREFIX
from mappings.file.load import Mapping
from mappings.file.writing_back import is_due
from mappings.frames.columns import completed
from tasks.store import write_backs
from tasks.store.backs import Back, Planned, State
from tasks.store.engine import Store

ENDED = (State.WRITTEN, State.REFUSED)  # the same value again is nothing new
HELD = "held."  # before the name of a field: what the CRM holds there, whoever wrote it

Ours = Dict[str, Dict[str, Back]]  # by lead and field


def told_apart(store: Store, mapping: Mapping, connection: str, leads: pl.DataFrame) -> pl.DataFrame:
    """Empty the fields in which a value of ours stands, whether the mapping still asks for it or not.

    What the fields hold that it asks for is in columns "held.FIELD" from then on.
    """
    asked = [one.field for one in mapping.enrich.write_back]
    frame = completed(leads, asked) if asked else leads
    frame = frame.with_columns(pl.col(field).alias(HELD + field) for field in asked) if asked else frame
    if not write_backs.are_any(store, connection):
        return frame
    ours = write_backs.of(store, connection, frame["id"])
    fields = sorted({field for backs in ours.values() for field in backs} & set(frame.columns))
    return frame.with_columns(_of_people(frame, field, ours) for field in fields) if fields else frame


def _of_people(frame: pl.DataFrame, field: str, ours: Ours) -> pl.Series:
    pairs = frame.select("id", field).iter_rows()
    return pl.Series(
        field, [None if is_ours(held, ours.get(lead, {}).get(field)) else held for lead, held in pairs], pl.String
    )


def is_ours(held: str | None, back: Back | None) -> bool:
    """Tell whether what the CRM holds is what we wrote; what was on its way when somebody stopped counts as written."""
    return back is not None and back.may_hold(held)


def standing(back: Back | None, held: str | None) -> str | None:
    """Give what stands of ours where the CRM holds `held`: that itself, if it is, else what it took from us last."""
    if back is None:
        return None
    return held if back.may_hold(held) else back.written


def changes_apart(store: Store, connection: str, changes: pl.DataFrame) -> pl.DataFrame:
    """Empty what fields held before a change (id, field, at, old) where that was ours, then or at any other time."""
    if not changes.height or not write_backs.are_any(store, connection):
        return changes
    ours = write_backs.of(store, connection, changes["id"].unique())
    rows = changes.select("id", "field", "old").iter_rows()
    olds = [None if _was_ours(old, ours.get(lead, {}).get(field)) else old for lead, field, old in rows]
    return changes.with_columns(pl.Series("old", olds, pl.String)) if ours else changes


def _was_ours(old: str | None, back: Back | None) -> bool:
    return back is not None and back.was_ours(old)


def due(mapping: Mapping, leads: pl.DataFrame, ours: Ours, may_be_written: Sequence[bool]) -> Iterator[Planned]:
    """Yield what is to be written, of leads as `told_apart` and enrichment make them; of some nothing may be."""
    for one in mapping.enrich.write_back:
        told = leads.select("id", pl.col(PREFIX + one.name), HELD + one.field).iter_rows()
        for (lead, value, held), may_write in zip(told, may_be_written, strict=True):
            back = ours.get(lead, {}).get(one.field)
            if back is not None and back.state == State.THEIRS:
                continue
            if may_write and is_due(value, held, standing(back, held), renews=one.renews):
                planned = Planned(lead, one.field, one.source, value.strip())
                if back is None or back.state not in ENDED or back.value != planned.value:
                    yield planned


def theirs(leads: pl.DataFrame, ours: Ours) -> Iterator[Back]:
    """Yield what was ours where people have written since, of leads as `told_apart` makes them.

    An older value of ours may stand in a record that was read before our last write: it is nobody's proof.
    """
    for field in sorted({field for backs in ours.values() for field in backs} & set(leads.columns)):
        for lead, held in leads.select("id", field).iter_rows():
            back = ours.get(lead, {}).get(field)
            if held is not None and back is not None and back.noting() and not back.was_ours(held):
                yield back
