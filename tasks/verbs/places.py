"""Places outside the database where words may stand: the files of the home folder, and Redis.

Of a file its bytes are looked at; of one in Parquet or gzip, what is packed in it.
"""

import gzip
import mmap
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasks.store.traces import spellings

if TYPE_CHECKING:
    import redis

PARQUET, GZIP = ".parquet", ".gz"
BACKTEST = "backtest.parquet"  # as `model.model` calls it, which this must not load
PIECE = 1 << 24
SCANNED = 1_000  # keys that Redis gives at a time


def files(home: Path) -> list[Path]:
    """List all files of the home folder, in order."""
    return sorted(path for path in home.rglob("*") if path.is_file() and not path.is_symlink())


def naming(paths: Iterable[Path], words: Sequence[str]) -> Iterator[Path]:
    """Yield the files in which one of these words stands, as it is or in small letters."""
    wanted = _bytes(words)
    for path in paths:
        try:
            if _named(path, words, wanted):
                yield path
        except (OSError, EOFError, ValueError):  # it went meanwhile, or is empty, which cannot be mapped
            continue


def backtests(home: Path, leads: Sequence[str]) -> Iterator[Path]:
    """Yield the back-tests of models that name one of these leads by its id, however short that is."""
    import polars as pl  # noqa: PLC0415  a home without models needs no frames

    for path in files(home):
        if path.name == BACKTEST and pl.read_parquet(path, columns=["id"])["id"].is_in(list(leads)).any():
            yield path


def _bytes(words: Iterable[str]) -> list[bytes]:
    return sorted({one.encode() for word in words for one in (word, *spellings(word))})


def _named(path: Path, words: Sequence[str], wanted: Sequence[bytes]) -> bool:
    if path.suffix == PARQUET:
        return _in_parquet(path, words)
    if path.suffix == GZIP:
        with gzip.open(path) as packed:
            return _in_pieces(packed, wanted)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as held:
        return any(held.find(one) >= 0 for one in wanted)


def _in_pieces(file: Any, wanted: Sequence[bytes]) -> bool:
    """Read piece by piece; each is looked at together with the end of the one before."""
    longest, rest = max(map(len, wanted), default=1), b""
    while piece := file.read(PIECE):
        held = rest + piece
        if any(one in held for one in wanted):
            return True
        rest = held[-longest:]
    return False


def _in_parquet(path: Path, words: Sequence[str]) -> bool:
    import polars as pl  # noqa: PLC0415  few homes have such a file beside their models
    import polars.selectors as cs  # noqa: PLC0415  as above

    small = sorted({one for word in words for one in spellings(word)})
    try:
        texts = pl.scan_parquet(path).select(cs.string().str.to_lowercase().str.contains_any(small).any())
        return any(any(row) for row in texts.collect(engine="streaming").rows())
    except pl.exceptions.PolarsError:  # damaged, or no such file: its bytes are all there is
        return any(one in path.read_bytes() for one in _bytes(words))


def keys(client: "redis.Redis", words: Sequence[str]) -> tuple[int, int]:
    """Look at all keys of a Redis, and at what they hold; returns how many there are, and how many have a word.

    Raises what the client raises when it does not answer.
    """
    wanted, number, found = _bytes(words), 0, 0
    for key in client.scan_iter(count=SCANNED):
        number += 1
        held = [key, *_held_by(client, key)]
        found += any(one in part.lower() or one in part for part in held if part for one in wanted)
    return number, found


def _held_by(client: Any, key: Any) -> list[Any]:
    """Give what a key holds, of whatever type; of one that went meanwhile, or of a stream, nothing."""
    match client.type(key):
        case b"string":
            return [client.get(key)]
        case b"list":
            return list(client.lrange(key, 0, -1))
        case b"set":
            return list(client.smembers(key))
        case b"zset":
            return list(client.zrange(key, 0, -1))
        case b"hash":
            return [part for pair in client.hgetall(key).items() for part in pair]
        case _:
            return []
