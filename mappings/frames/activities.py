"""A lead's activities: those of its first days, up to a rule's window after its creation.

An activity without a time counts for nobody, for it may have come after the outcome.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

import polars as pl

from connector.crm import Entity
from mappings.frames.as_of import AS_OF, Past, as_of, rewound
from mappings.frames.columns import collected, completed, instant
from mappings.mapping import Mapping
from mappings.parts import Count

CREATED, AT = "__created", "__at"


def within(
    mapping: Mapping, leads: pl.DataFrame, activities: pl.DataFrame, rules: Sequence[Count], past: Past | None = None
) -> pl.DataFrame:
    """Give the activities in the longest window of rules of one kind and time field; "link" is the lead's id.

    "__created" and "__at" are the moments of the lead's creation and of the activity. With `past`, the activities are
    those that had come when the lead is looked at, as they stood then.
    """
    kind, at = rules[0].entity, rules[0].at
    fields = tuple(dict.fromkeys(name for rule in rules for name in rule.fields))
    created = (
        completed(leads, (mapping.outcome.created,))
        .lazy()
        .select(
            pl.col("id").alias("link"), instant(mapping.outcome.created).alias(CREATED), as_of(mapping).alias(AS_OF)
        )
        .unique("link")
    )
    own = completed(activities, ("link", "entity", *fields)).lazy().filter(_is_of(kind))
    joined = own.join(created, on="link", how="inner")
    ends = window_end(max(rule.window_days for rule in rules))
    if past is not None:
        joined = rewound(collected(joined), past.activities, {name: name for name in fields}).lazy()
        ends = pl.min_horizontal(ends, AS_OF)
    return collected(joined.with_columns(instant(at).alias(AT)).filter(pl.col(AT) <= ends).drop(AS_OF))


def alike(rules: Iterable[Count]) -> list[list[Count]]:
    """Put the rules together that look at one time field of one kind of activity."""
    groups: dict[tuple[str, str], list[Count]] = {}
    for rule in rules:
        groups.setdefault((rule.entity, rule.at), []).append(rule)
    return list(groups.values())


def window_end(days: int) -> pl.Expr:
    """Tell when a window of so many days ends: the lead's creation alone decides."""
    return pl.col(CREATED) + timedelta(days=days)


def _is_of(entity: Entity) -> pl.Expr:
    """Tell the records of one kind; those of which no kind is told are of the CRM's own kind of activity."""
    return pl.col("entity").fill_null(Entity.ACTIVITY.value) == entity.value
