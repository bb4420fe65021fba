"""The file in which the rows of one bulk job wait, and the list of those that have no outcome yet."""

import csv
import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import BinaryIO, cast

from connector.crm import Kind, Update
from connector.salesforce.objects import long_id
from connector.salesforce.options import SalesforceOptions
from connector.salesforce.shape import hidden_fields
from connector.salesforce.values import cell, uncell

TOGETHER = 500  # rows that are written to the file at a time


class Spool:
    """Rows as CSV on disk. `waiting` maps the long ids without an outcome to the ids as they were given."""

    def __init__(self, columns: Sequence[str], kinds: Mapping[str, Kind], options: SalesforceOptions) -> None:
        hidden = [name for name in columns if name not in kinds]
        if hidden:
            raise hidden_fields(hidden)
        self.waiting: dict[str, str] = {}
        self._columns = tuple(columns)
        self._kinds = kinds
        self._options = options
        self._count = 0  # rows in the file
        self._file = self._opened()

    def fill(self, updates: Iterator[Update]) -> list[Update]:
        """Take rows until the job is full. Returns the row that was taken but has other columns, if there is one.

        Raises ValueError when two rows are for the same record.
        """
        known, size = set(self._columns), 0
        left: list[Update] = []
        rows = self._cells(updates, known, left)
        while size < self._options.bulk_job_bytes and (room := self._options.bulk_job_rows - self._count) > 0:
            lines = io.StringIO()
            writer = csv.writer(lines, lineterminator="\n")
            before = self._count
            writer.writerows(islice(rows, min(room, TOGETHER)))
            if self._count == before:
                break
            size += self._file.write(lines.getvalue().encode())
        return left

    def _cells(self, updates: Iterator[Update], known: set[str], left: list[Update]) -> Iterator[list[str]]:
        """Yield each update as a row; stop at the first with a column of its own, and leave it in `left`."""
        for update in updates:
            if not known.issuperset(update.values):
                left.append(update)
                return
            record_id = long_id(update.id)
            if record_id in self.waiting:
                raise ValueError("Two updates are for the same record.")
            self.waiting[record_id] = update.id
            self._count += 1
            values = update.values
            yield [record_id, *[cell(values[name]) if name in values else "" for name in self._columns]]

    def rows(self) -> BinaryIO:
        """Give the file with the rows that wait, and only those, for the next job."""
        if len(self.waiting) < self._count:
            self._drop_told()
        self._file.seek(0)
        return self._file

    def updates(self, ids: set[str]) -> Iterator[Update]:
        """Give these rows back as updates."""
        for record_id, *cells in self._read():
            if record_id in ids:
                named = zip(self._columns, cells, strict=True)
                values = {name: uncell(text, self._kinds[name]) for name, text in named if text}
                yield Update(self.waiting[record_id], values)

    def close(self) -> None:
        """Give the file back."""
        self._file.close()

    def _opened(self) -> BinaryIO:
        # Closed by close(): it outlives this call.
        file = cast("BinaryIO", tempfile.TemporaryFile(dir=self._options.spool))  # noqa: SIM115  see the line above
        header = io.StringIO()
        csv.writer(header, lineterminator="\n").writerow(["Id", *self._columns])
        file.write(header.getvalue().encode())
        return file

    def _drop_told(self) -> None:
        """Copy the file without the rows that have their outcome."""
        kept = self._opened()
        rows = (row for row in self._read() if row[0] in self.waiting)
        while some := list(islice(rows, TOGETHER)):
            lines = io.StringIO()
            csv.writer(lines, lineterminator="\n").writerows(some)
            kept.write(lines.getvalue().encode())
        self._file.close()
        self._file, self._count = kept, len(self.waiting)

    def _read(self) -> Iterator[list[str]]:
        """Yield the rows without the header."""
        self._file.seek(0)
        text = io.TextIOWrapper(self._file, encoding="utf-8", newline="")
        try:
            rows = csv.reader(text)
            next(rows)
            yield from rows
        finally:
            text.detach()  # else the wrapper closes the file with itself
