"""The section enrich of a mapping file, as a piece of JSON Schema; see `schema`."""

from mappings import words
from mappings.enrichment import OVERWRITES
from mappings.file.enriching import HEADER, NAME, SECRET
from mappings.file.shapes import AMOUNT, ITEM, TEXTS, WORD, Shape, block, days, listed, matching, one_of

FIELDS: Shape = {
    "type": "object",
    "additionalProperties": ITEM,
    "propertyNames": {"pattern": f"^(?:{NAME.pattern})$"},
    "minProperties": 1,
}
PARTS: Shape = {"type": "object", "additionalProperties": TEXTS}
WRITE_BACK: Shape = {"type": "object", "additionalProperties": ITEM}
WRITING = {"write_back": WRITE_BACK, "overwrite": one_of(OVERWRITES)}
SHARED = WRITING | {"name": matching(NAME.pattern), "key": one_of(words.KEY_KINDS), "of": TEXTS, "fields": FIELDS}


def enrich() -> Shape:
    """Shape the sources of enriched fields."""
    offline = block(words.OFFLINE_KEYS, {"name": {"description": "for people"}, "reads": PARTS}, needed=("reads",))
    return listed({"anyOf": [offline, _table(), _service()]})


def _table() -> Shape:
    shapes = SHARED | {"table": matching(r"\s*.*\.(csv|parquet)\s*"), "column": WORD}
    return block(words.TABLE_KEYS, shapes, needed=("name", "table", "key", "fields"))


def _service() -> Shape:
    auth = {"header": matching(HEADER.pattern), "scheme": WORD, "secret": matching(SECRET.pattern)}
    shapes = SHARED | {
        "url": WORD,
        "body": {"type": "object"},
        "auth": block(words.AUTH_KEYS, auth, needed=("header", "secret")),
        "when_down": one_of(words.WHEN_DOWN),
        **dict.fromkeys(("per_second", "cost", "most_cost_a_day", "timeout_s"), AMOUNT),
        **dict.fromkeys(("keep_days", "most_a_run"), days()),
    }
    limited = {"cost": ["most_cost_a_day"]}
    return block(words.SERVICE_KEYS, shapes, needed=("name", "url", "fields"), dependentRequired=limited)
