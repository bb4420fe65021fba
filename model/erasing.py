"""Takes leads out of a kept model: its back-test names those that the figures were measured on; nothing else does.

What the model scores with is made of many leads, and of no word that few of them share (rare.py): it stays as it is.
The folder is replaced as a whole: killed in between, the next call mends it.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from model.model import BACKTEST, digest


def without(directory: Path, ids: Collection[str]) -> int:
    """Take these leads out of the back-test of the model in the directory; returns how many were in it. Repeatable.

    A directory that holds no whole model, or none, is left alone: nothing of it is read but by people. Of several who
    do so at once, one comes after the other.
    """
    with _alone(directory.parent):
        return _without(directory, ids)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep others out of the folder's models for as long as the block lasts; a lock goes with its process."""
    if not folder.is_dir():
        yield
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def _without(directory: Path, ids: Collection[str]) -> int:
    beside, before = (directory.with_name(f".{directory.name}.{word}") for word in ("new", "old"))
    if before.exists() and not directory.exists():
        before.rename(directory)
    shutil.rmtree(before, ignore_errors=True)
    if not (directory / BACKTEST).is_file() or not (directory / "model.json").is_file():
        return 0
    rows = pl.read_parquet(directory / BACKTEST)
    left = rows.filter(~pl.col("id").is_in(list(ids)))
    if left.height == rows.height:
        return 0
    shutil.rmtree(beside, ignore_errors=True)
    shutil.copytree(directory, beside)
    left.write_parquet(beside / BACKTEST)
    _sign(beside, directory)
    directory.rename(before)
    beside.rename(directory)
    shutil.rmtree(before)
    return rows.height - left.height


def _sign(new: Path, old: Path) -> None:
    """Give the model the digest of its new files; one that was changed by others before stays known as such."""
    described = json.loads((new / "model.json").read_text(encoding="utf-8"))
    given = described.pop("digest", None)
    described["digest"] = digest(new, described) if given == digest(old, described) else given
    (new / "model.json").write_text(json.dumps(described, indent=1), encoding="utf-8")
