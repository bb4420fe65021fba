"""The verb export: all that is held here on one person, as a document that the person can read.

Each part says what it is and why it is kept; values stand as the CRM gave them, by the CRM's names of fields, with its
labels beside them.
"""

from datetime import datetime
from typing import Any

import orjson

from mappings.file.load import Mapping
from tasks.store import labels, people
from tasks.store.engine import Store
from tasks.store.people import Person
from tasks.store.times import to_text
from tasks.verbs.forget import store_person

MEANINGS = {
    "records": "The mapped fields of the record and of its activities, as the CRM held them when they were last read.",
    "changes": "What fields held before they changed: scores are learned from what was known at a time.",
    "scores": "The newest score, what it was made from (inputs), and what was written to the CRM (outputs): the "
    "reasons are among these.",
    "refusals": "Why the CRM did not take the score, in its own words.",
    "write_backs": "Values from outside that were written to fields of the record, or are to be: whose, and when.",
    "links": "What an activity points to beside the record.",
    "stale": "That the record waits for a new score.",
    "seen": "That the CRM has shown the record during a load that is not done yet.",
    "enrichments": "Values that were added from outside, each with its source and moment.",
    "duplicates": "Records that look like the same person or company.",
    "likenesses": "What the record is compared with others by, to find duplicates.",
    "lead_ends": "What became of the lead, for later leads of the same person or company.",
    "overrides": "What a person has set by hand, why, and until when.",
    "handovers": "What was handed over to other systems because of the score.",
    "audit": "Who changed something about this record by hand.",
    "deals": "Deals that name this record, and activities that it shares with others.",
}
JSON_COLUMNS = frozenset({"data", "outputs", "inputs", "previous_inputs", "arguments", "detail"})
OUR_OWN = frozenset(
    {"connection", "version", "as_of", "claimed_by", "key_hash", "inputs_hash", "outputs_hash", "written_hash", "sent"}
)


def exported(store: Store, mapping: Mapping, lead_id: str, *, connection: str, now: datetime) -> dict[str, Any]:
    """Gather all that is held on the lead, as plain JSON; `parts` is empty when nothing is. Changes nothing."""
    with store.read() as tx:
        who = store_person(tx, mapping, connection, lead_id)
        found = people.held(tx, who)
    return {
        "person": {"connection": connection, "crm": mapping.crm, "lead": lead_id, "records": _records(who)},
        "exported_at": to_text(now),
        "purpose": _purpose(mapping),
        "fields": _labels(store, connection),
        "parts": {
            table: {"meaning": MEANINGS[table], "rows": [_readable(row) for row in rows]}
            for table, rows in found.items()
        },
        "not_in_here": [
            "The CRM's own record: ask for that where the CRM is run.",
            "Models: what they learned from many records, and no person's values.",
            "Files that people exported from Truegrade, and backups: whoever made them keeps them.",
        ],
    }


def _records(who: Person) -> list[str]:
    return [f"{entity} {record_id}" for entity, record_id in who.records]


def _purpose(mapping: Mapping) -> dict[str, Any]:
    """Say what the data are used for, as the mapping declares it."""
    return {
        "purpose": mapping.privacy.purpose or "not declared in the mapping",
        "lawful_basis": mapping.privacy.lawful_basis or "not declared in the mapping",
        "sensitive_fields": list(mapping.privacy.sensitive),
        "never_read": list(mapping.privacy.never_read),
    }


def _labels(store: Store, connection: str) -> dict[str, str]:
    """Give the CRM's own names of fields, as its users read them."""
    known = labels.known(store, connection)
    return {
        f"{source.entity}.{source.field}": label for source, label in sorted(known.items(), key=lambda one: str(one[0]))
    }


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    """Unpack what is kept as JSON, and leave out what only the machine needs."""
    return {
        name: orjson.loads(value) if name in JSON_COLUMNS and isinstance(value, str) else value
        for name, value in row.items()
        if name not in OUR_OWN and value is not None
    }


def is_empty(told: dict[str, Any]) -> bool:
    """Tell whether nothing is held."""
    return not told["parts"]
