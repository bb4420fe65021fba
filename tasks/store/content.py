"""A record's values as the store keeps them: compact JSON in a fixed order of names, and a hash over it.

Equal values give equal text and equal hashes whatever the order of the page's fields, so that the bulk road and the
polling road agree. Pure functions; the hot path of every pull.
"""

from collections.abc import Callable, Sequence
from hashlib import blake2b

import orjson

Values = Sequence[str | None]


def packer(fields: Sequence[str]) -> Callable[[Values], tuple[str, bytes]]:
    """Return the function that turns values in the order of `fields` into (JSON object without nulls, its hash)."""
    order = sorted(range(len(fields)), key=fields.__getitem__)
    columns = [(fields[index], index) for index in order]

    def pack(values: Values) -> tuple[str, bytes]:
        kept = {name: value for name, index in columns if (value := values[index]) is not None}
        try:
            packed = orjson.dumps(kept)
        except orjson.JSONEncodeError:
            packed = orjson.dumps({name: _whole(value) for name, value in kept.items()})
        return packed.decode(), blake2b(packed, digest_size=16).digest()

    return pack


def _whole(value: str) -> str:
    """Replace halves of characters, which JSON can spell (an emoji cut in two) and no database keeps."""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
