"""Places outside the database where words may stand: the files of the home folder, and Redis.

Of a file its bytes are looked at, and text in UTF-16; of one in Parquet, gzip or zip (Excel), what is packed in it.
"""

import codecs
import gzip
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasks.store.words import WHOLE, Sought, is_name, sought, spellings

if TYPE_CHECKING:
    import redis

PARQUET, GZIP = ".parquet", ".gz"
BACKTEST = "backtest.parquet"  # as `model.model` calls it, which this must not load
SQLITE = re.compile(r"\.db(-wal|-shm)?$")  # its rows are looked at by column; between them short words stand by chance
NO_LETTER = r"(?:[^\p{Lu}\p{Ll}\p{Lt}]|\\[bfnrt])"  # as Polars writes it; `tasks.store.words.is_name` tells why
PIECE = 1 << 24
HEAD = 1 << 10
# It went meanwhile, or is packed and damaged or locked: what it holds cannot be told.
UNREADABLE = (OSError, EOFError, ValueError, RuntimeError, zlib.error, zipfile.BadZipFile)
SCANNED = 1_000  # keys that Redis gives at a time


def files(home: Path) -> list[Path]:
    """List all files of the home folder, in order."""
    return sorted(path for path in home.rglob("*") if path.is_file() and not path.is_symlink())


def naming(paths: Iterable[Path], words: Sequence[str], others: Callable[[], set[str]] = set) -> Iterator[Path]:
    """Yield the files in which one of these words stands, whatever its case.

    `others` gives the words that a database has of others (`tasks.store.traces.of_others`); asked for when one of its
    files seems to name a word, for what stands beside a name there tells nothing.
    """
    wanted = sought(words)
    for path in paths:
        try:
            if _named(path, words, wanted) and (not SQLITE.search(path.name) or _in_rows(path, wanted, others())):
                yield path
        except UNREADABLE:
            continue


def backtests(home: Path, leads: Sequence[str]) -> Iterator[Path]:
    """Yield the back-tests of models that name one of these leads by its id, however short that is."""
    import polars as pl  # noqa: PLC0415  a home without models needs no frames

    for path in files(home):
        if path.name == BACKTEST and pl.read_parquet(path, columns=["id"])["id"].is_in(list(leads)).any():
            yield path


def _in_rows(path: Path, wanted: Sought, others: set[str]) -> bool:
    """Look at a file of SQLite, in which nothing stands between two texts."""
    with path.open("rb") as file:
        return _in_pieces(file, wanted.in_rows(others))


def _named(path: Path, words: Sequence[str], wanted: Sought) -> bool:
    if path.suffix == PARQUET:
        return _in_parquet(path, words)
    if path.suffix == GZIP:
        with gzip.open(path) as packed:
            return _in_pieces(packed, wanted)
    with path.open("rb") as file:
        if SQLITE.search(path.name):
            wanted = wanted.in_rows(())
        if _in_pieces(file, wanted):
            return True
    return zipfile.is_zipfile(path) and _in_zip(path, wanted)


def _in_zip(path: Path, wanted: Sought) -> bool:
    """Look at what is packed in a zip file, as spreadsheets are."""
    with zipfile.ZipFile(path) as packed:
        for name in packed.namelist():
            if wanted.stands_in(name.encode("utf-8", "replace")):
                return True
            with packed.open(name) as file:
                if _in_pieces(file, wanted):
                    return True
    return False


def _in_pieces(file: Any, wanted: Sought) -> bool:
    """Read piece by piece; each is looked at together with the end of the one before. UTF-16 is told by its noughts."""
    rest, decoder = b"", None
    piece = file.read(PIECE)
    if (wide := _wide(piece[:HEAD])) is not None:
        decoder = codecs.getincrementaldecoder(wide)("replace")
    while piece:
        held = rest + (piece if decoder is None else decoder.decode(piece).lower().encode())
        if wanted.stands_in(held) or (decoder is not None and wanted.stands_in(piece)):
            return True
        rest = held[-wanted.longest :]
        piece = file.read(PIECE)
    return False


def _wide(head: bytes) -> str | None:
    """Name the encoding of a text of two bytes a sign, by its mark or by where its noughts are; None of any other."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    first, second = head[::2].count(0), head[1::2].count(0)
    most = len(head) * 2 // 5  # of the half that such a text has noughts in: four of five
    if not head or max(first, second) < max(most, 1) or min(first, second) > most // 4:
        return None
    return "utf-16-le" if second > first else "utf-16-be"


def _in_parquet(path: Path, words: Sequence[str]) -> bool:
    import polars as pl  # noqa: PLC0415  few homes have such a file beside their models
    import polars.selectors as cs  # noqa: PLC0415  as above

    wide = [word for word in words if len(word) >= WHOLE]
    long = sorted({one for word in wide if not is_name(word) for one in spellings(word)})
    short = [rf"\b{re.escape(word.lower())}\b" for word in words if word.strip() and len(word) < WHOLE]
    names = {one for word in wide if is_name(word) for one in spellings(word)}
    short += [rf"(?:^|{NO_LETTER}){re.escape(name)}(?:$|{NO_LETTER})" for name in sorted(names)]
    small = cs.string().str.to_lowercase()
    try:
        for found in (small.str.contains_any(long), small.str.contains("|".join(short) or "$.^")):
            texts = pl.scan_parquet(path).select(found.any())
            if any(any(row) for row in texts.collect(engine="streaming").rows()):
                return True
    except pl.exceptions.PolarsError:  # damaged, or no such file: its bytes are all there is
        return sought(words).stands_in(path.read_bytes())
    return False


def keys(client: "redis.Redis", words: Sequence[str]) -> tuple[int, int]:
    """Look at all keys of a Redis, and at what they hold; returns how many there are, and how many have a word.

    Raises what the client raises when it does not answer.
    """
    wanted, number, found = sought(words), 0, 0
    for key in client.scan_iter(count=SCANNED):
        number += 1
        held = [key, *_held_by(client, key)]
        found += any(wanted.stands_in(part) for part in held if part)
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
