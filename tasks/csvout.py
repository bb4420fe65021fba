"""Writing a CSV file that a person will open in a spreadsheet, which must not take a cell for a formula."""

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from connector.errors import Misconfigured

# What makes a spreadsheet read a cell as a formula; "'" before it says that it is text ("OWASP, CSV Injection").
COMMANDS = ("=", "+", "-", "@", "\t", "\r")


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]], *, overwrite: bool) -> int:
    """Write the columns of the rows, UTF-8, for this user's eyes alone; returns how many rows.

    Raises Misconfigured when there is such a file and it is not to be overwritten, or no such folder.
    """
    if path.is_dir():
        raise Misconfigured(f"{path} is a folder.", fix="Name a file in it.")
    mode = "w" if overwrite else "x"
    try:
        with open(path, mode, encoding="utf-8", newline="", opener=_private) as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            return sum(1 for row in rows if writer.writerow([harmless(row[name]) for name in columns]))
    except FileExistsError:
        raise Misconfigured(f"There is a file {path} already.", fix="Name another, or add --overwrite.") from None
    except (FileNotFoundError, NotADirectoryError):
        raise Misconfigured(f"There is no folder {path.parent}.", fix="Make it, or name another.") from None


def harmless(value: object) -> str:
    """Write a value as a cell that no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if text.startswith(COMMANDS) else text


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
