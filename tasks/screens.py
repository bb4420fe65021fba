"""What people see: progress while something runs, tables when it is done. Progress goes to standard error."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

OnProgress = Callable[[str, int, int | None], None]

# Without a terminal to ask, a width that tables fit into; a log or a file has no edge.
WIDTH = None if sys.stdout.isatty() else 120

out = Console(width=WIDTH)
err = Console(stderr=True)


def ignore(step: str, done: int, total: int | None) -> None:
    """Take a report of progress that nobody looks at."""
    del step, done, total


@contextmanager
def progress(title: str, *, unwatched: OnProgress = ignore) -> Iterator[OnProgress]:
    """Show a bar for each step that reports; where there is no terminal, `unwatched` gets the reports instead."""
    if not err.is_terminal:
        yield unwatched
        return
    columns = (SpinnerColumn(), TextColumn(f"[bold]{title}[/] {{task.description}}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=err, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def report(step: str, done: int, total: int | None) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield report


def say(text: str) -> None:
    """Tell a person one thing that was done. Rich's markup counts; pass what a CRM holds through `verbatim`."""
    out.print(text, highlight=False, soft_wrap=True)


def verbatim(text: str) -> str:
    """Show a text of somebody else as it is, brackets and all, but without what would command the terminal."""
    return escape("".join(sign if sign.isprintable() or sign == "\n" else "\N{REPLACEMENT CHARACTER}" for sign in text))


def note(text: str) -> None:
    """Tell a person something beside the result, where it does not disturb a pipe."""
    err.print(text, highlight=False, markup=False, soft_wrap=True)


def table(title: str, headings: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[int] = ()) -> None:
    """Print a table; `right` names the columns of numbers."""
    shown = Table(title=title, title_justify="left", title_style="bold")
    for index, heading in enumerate(headings):
        shown.add_column(
            heading, justify="right" if index in right else "left", overflow="fold", no_wrap=index in right
        )
    for row in rows:
        shown.add_row(*(cell if isinstance(cell, str) else number(cell) for cell in row))
    out.print(shown)


def number(value: object) -> str:
    """Write a number as people do."""
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:.4f}" if abs(value) < 10 else f"{value:,.1f}"
        case _:
            return str(value)


def counted(number_of: int, noun: str) -> str:
    """Write how many there are of something: "1 row", "2,300 companies"."""
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{number_of:,} {noun if number_of == 1 else plural}"


def as_json(result: dict[str, Any]) -> None:
    """Print one JSON object on one line, for machines."""
    sys.stdout.write(json.dumps(result, default=str) + "\n")
    sys.stdout.flush()
