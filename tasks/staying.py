"""Enriched values of ours that stay in fields of the CRM's own when nothing is written there any more, told to people.

They are left to whoever keeps the records: a rollback, a mapping that writes back no more and the removal of our own
fields touch none of them.
"""

from collections.abc import Collection

from tasks.screens import counted
from tasks.store import write_backs
from tasks.store.engine import Store


def staying(store: Store, name: str, *, fields: Collection[str] | None = None) -> str | None:
    """Tell how many values stay in which of these fields (None: any that we wrote to); None when there are none."""
    kept = write_backs.standing(store, name)
    found = {field: number for field, number in kept.items() if fields is None or field in fields}
    if not found:
        return None
    where = ", ".join(f"{field} ({number:,})" for field, number in found.items())
    values = counted(sum(found.values()), "enriched value")
    verb = "stays" if sum(found.values()) == 1 else "stay"
    return (
        f"{values} that we wrote {verb} in the CRM, and nobody renews them: {where}. Features go on to look past them; "
        "whoever wants the fields empty empties them there."
    )
