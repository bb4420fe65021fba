"""What people see: progress while something runs, tables when it is done. Progress goes to standard error."""

import json
import re
import shutil
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from connector.crm import Entity

OnProgress = Callable[[str, int, int | None], None]

# Of a terminal Rich asks how wide it is. Without one there is no edge: COLUMNS says how wide, or a width that most fit.
WIDTH = None if sys.stdout.isatty() else shutil.get_terminal_size((120, 24)).columns

# A command that a text tells to type; those that know no folder are not meant.
COMMAND = re.compile(r"`truegrade (?!init|map schema)[a-z][^`]*`")
_commands: set[str] = set()  # those that were shown so far

# Without pictures for words: "mine.yaml:100: ..." is a line's number.
out = Console(width=WIDTH, emoji=False)
err = Console(stderr=True, emoji=False)


def ignore(step: str, done: int, total: int | None) -> None:
    """Take a report of progress that nobody looks at."""
    del step, done, total


def steps_of(title: str) -> OnProgress:
    """Say each step once, when it has begun, for those who see no bars: a log, a pipe."""
    begun: set[str] = set()

    def step(what: str, done: int, total: int | None) -> None:
        if what not in begun and (done or total):
            begun.add(what)
            note(f"{title}   {what}")

    return step


@contextmanager
def progress(title: str, *, unwatched: OnProgress | None = None) -> Iterator[OnProgress]:
    """Show a bar for each step that reports; where there is no terminal, `unwatched` gets the reports instead.

    Without one each step is said once; to a machine, which asked for JSON, none.
    """
    if not err.is_terminal:
        yield unwatched or (ignore if "--json" in sys.argv else steps_of(title))
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
    _look_for_commands(text)
    out.print(text, highlight=False, soft_wrap=True)


def verbatim(text: str) -> str:
    """Show a text of somebody else as it is, brackets and all, but without what would command the terminal."""
    return escape("".join(sign if _is_harmless(sign) else "\N{REPLACEMENT CHARACTER}" for sign in text))


def _is_harmless(sign: str) -> bool:
    """Tell what a terminal only shows. Blanks that break no line, as before a German %, Python calls unprintable."""
    return sign.isprintable() or sign == "\n" or unicodedata.category(sign) == "Zs"


def named(text: str, connection: str) -> str:
    """Name the connection in the commands that a text tells to run without one, so that they can be typed as they are.

    The connector and the verbs, which write such texts, do not know what their connection is called.
    """
    return re.sub(
        r"`truegrade (connect|provision|pull|train|score|push|sync|models)(?=`| --)", rf"\g<0> {connection}", text
    )


def told_commands() -> bool:
    """Tell whether commands to type were shown without the folder they are for, since this was asked last."""
    found = bool(_commands)
    _commands.clear()
    return found


def _look_for_commands(*texts: str) -> None:
    _commands.update(found for text in texts for found in COMMAND.findall(text) if "--home" not in found)


def note(text: str) -> None:
    """Tell a person something beside the result, where it does not disturb a pipe."""
    _look_for_commands(text)
    err.print(text, highlight=False, markup=False, soft_wrap=True)


def table(
    title: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    right: Sequence[int] = (),
    whole: Sequence[int] = (),
) -> None:
    """Print a table; `right` names the columns of numbers, `whole` those of ids and codes, which people copy.

    Neither is ever broken into lines.
    """
    shown = Table(title=title, title_justify="left", title_style="bold")
    for index, heading in enumerate(headings):
        is_whole = index in right or index in whole
        shown.add_column(heading, justify="right" if index in right else "left", overflow="fold", no_wrap=is_whole)
    for row in rows:
        _look_for_commands(*(cell for cell in row if isinstance(cell, str)))
        shown.add_row(*(cell if isinstance(cell, str) else number(cell) for cell in row))
    _wide_enough(shown).print(shown)


def _wide_enough(shown: Table) -> Console:
    """Give what to print a table on: where there is no terminal, as wide as its longest words are together."""
    if out.is_terminal:
        return out
    needed = Measurement.get(out, out.options.update(width=10_000), shown).minimum
    return out if needed <= out.width else Console(width=needed)


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


def counted_records(number_of: int, entity: str) -> str:
    """Write how many records there are: "2,300 companies"; of objects of the CRM's own, by their own names."""
    if name := Entity(entity).object_name:
        return f"{number_of:,} of {name}"
    return counted(number_of, entity)


def as_json(result: dict[str, Any]) -> None:
    """Print one JSON object on one line, for machines."""
    sys.stdout.write(json.dumps(result, default=str) + "\n")
    sys.stdout.flush()
