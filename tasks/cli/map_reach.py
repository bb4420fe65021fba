"""What `truegrade map check` shows beside its findings: the fields that nobody reads, and how far all else reaches."""

from collections.abc import Sequence
from typing import Any

from mappings.checks.reach import Reached
from mappings.checks.unread import OUR_OWN, UNASKED, Unread
from tasks.screens import counted, say, table, verbatim

# The share of the leads, beyond which a feature or a points rule is shown only if that is asked for.
FOLDED = {"feature": 0.2, "points rule": 0.0}
NAMED = 4  # fields that a row names
SEGMENTS = 3  # that a row tells


def as_plain(unread: Sequence[Unread], reached: Sequence[Reached]) -> dict[str, Any]:
    """Give all of it to machines: `unread` and `reach`, in the order of the CRM and of the file."""
    return {
        "unread": [
            {
                "entity": one.entity.value,
                "field": one.field.name,
                "label": one.field.label,
                "custom": one.field.custom,
                "why": one.why.name,
                "told": one.why.told,
            }
            for one in unread
        ],
        "reach": [
            {
                "what": one.what,
                "name": one.name,
                "leads": one.leads,
                "of": one.of,
                "decided": one.decided,
                "segmented_by": one.segmented_by,
                "segments": dict(one.segments),
            }
            for one in reached
        ],
    }


def show_unread(unread: Sequence[Unread]) -> None:
    """Show how many fields are left unread for each cause, the customer's own ones by name."""
    rows = []
    for entity, why in dict.fromkeys((one.entity, one.why.name) for one in unread if one.why != OUR_OWN):
        found = [one.field for one in unread if (one.entity, one.why.name) == (entity, why)]
        own = sorted(field.name for field in found if field.custom)
        if own or why == UNASKED.name:
            rows.append((entity.value, why, len(found), len(own), verbatim(_named(own))))
    if rows:
        table("Fields that nobody reads", ("of", "because", "all", "custom", "such as"), rows, right=(2, 3))


def show_reach(reached: Sequence[Reached], *, whole: bool) -> None:
    """Show which share of the newest leads features, rules, grades and routes reach.

    Unless `whole`, of features and points rules those alone that few leads have; how many others there are is told.
    """
    if not reached:
        return
    folded = [] if whole else [one for one in reached if one.share > FOLDED.get(one.what, 1)]
    empty = [] if whole else [one.name for one in reached if one.what == "feature" and not one.leads]
    by = next((one.segmented_by for one in reached if one.segmented_by), "")
    rows = [
        (one.what, verbatim(one.name), one.leads, f"{one.share:.0%}", verbatim(_told(one)))
        for one in reached
        if one not in folded and one.name not in empty
    ]
    title = f"Reach over {counted(reached[0].of, 'lead')}" + (f", by {by}" if by else "")
    table(title, ("", "name", "leads", "share", "of which"), rows, right=(2, 3))
    if empty:
        say(f"No lead has a value of {counted(len(empty), 'other feature')}.")
    if folded:
        others = " and ".join(
            counted(number, f"other {what}") for what in FOLDED if (number := sum(one.what == what for one in folded))
        )
        verb = "reaches" if len(folded) == 1 else "reach"
        say(f"{others} {verb} more leads; `--all` lists them.\n")


def _named(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED]) + (" ..." if len(names) > NAMED else "")


def _told(one: Reached) -> str:
    if one.decided is not None and one.decided != one.leads:
        return f"{one.decided:,} are decided by it"
    return ", ".join(f"{segment} {share:.0%}" for segment, share in one.segments[:SEGMENTS])
