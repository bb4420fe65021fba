"""A CSV file as text: every cell as it stands, by the place of its column; headings that tell columns apart."""

import gzip
import io
import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from connector.errors import Misconfigured
from mappings.file.problems import nearest

MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "#N/A", "__NA__")
SEPARATORS = ",;\t|"
HEAD_LINES = 5
SAVE = "Save it as CSV, UTF-8, with a heading for each column."


@dataclass(frozen=True, slots=True)
class Text:
    """Cells without blanks around them, null for missing, in columns c0, c1, ...; `names` are their headings."""

    path: Path
    cells: pl.DataFrame
    names: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def column(self, name: str, *, option: str) -> str:
        """Find the column of a heading. Raises Misconfigured naming the option and the nearest heading."""
        if name in self.names:
            return f"c{self.names.index(name)}"
        hint = nearest(name, self.names)
        fix = hint[:1].upper() + hint[1:] + ("" if hint.endswith("?") else ".")
        raise Misconfigured(f"{self.path} has no column {name!r} ({option}).", fix=fix)


def read_text(path: Path) -> Text:
    """Read a CSV file, plain or gzip. Raises Misconfigured naming the file and what to do."""
    if not path.is_file():
        raise Misconfigured(f"There is no file {path}.", fix="Correct --csv.")
    content, notes = _decoded(path)
    lines = content.splitlines()[:HEAD_LINES]
    if not lines or "\0" in content[:100_000]:
        raise Misconfigured(f"{path} is empty, or no text.", fix=SAVE)
    separator = max(SEPARATORS, key=lines[0].count)
    try:
        encoded = io.BytesIO(content.encode())
        raw = pl.read_csv(encoded, separator=separator, has_header=False, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        raise Misconfigured(f"{path} is no CSV file that can be read ({_first(error)}).", fix=SAVE) from None
    cells = raw.rename({name: f"c{place}" for place, name in enumerate(raw.columns)})
    names = _headings(path, cells.row(0))
    stripped = cells[1:].with_columns(pl.all().str.strip_chars())
    known = stripped.with_columns(pl.when(pl.all().is_in(MISSING)).then(None).otherwise(pl.all()).name.keep())
    return Text(path, known.filter(~pl.all_horizontal(pl.all().is_null())), names, notes)  # blank lines are no leads


def _decoded(path: Path) -> tuple[str, tuple[str, ...]]:
    try:
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
    except (OSError, EOFError) as error:
        raise Misconfigured(f"{path} cannot be read ({type(error).__name__}).", fix=SAVE) from None
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace"), ("The file is not UTF-8; it was read as Windows-1252.",)


def _headings(path: Path, row: tuple[str | None, ...]) -> tuple[str, ...]:
    """Name each column; one without a heading by its place. Two of one name cannot be told apart."""
    names = [" ".join((name or "").split()) or f"column {place + 1}" for place, name in enumerate(row)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Misconfigured(f"{path} has several columns named {twice[0]!r}.", fix="Give each a name of its own.")
    return tuple(names)


def _first(error: Exception) -> str:
    return re.split(r"[\n.]", str(error).strip())[0]
