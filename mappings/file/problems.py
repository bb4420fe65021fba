"""What is wrong with a mapping: a value, shown with file, line, and what to write instead."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from mappings.texts import fitted

LISTED = 12  # names that a message lists before it says "..."
LONGEST = 400  # characters of a message, or of a fix: values are named in them, and those can be of any length


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to correct. `line` counts from 1; 0 stands for the file as a whole."""

    file: str
    line: int
    message: str
    fix: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {_line(self.message)}; {_line(self.fix)}"


def _line(text: str) -> str:
    """Put a text that names values of the file on one line of what can be seen."""
    seen = "".join(sign if sign.isprintable() or sign.isspace() else "\N{REPLACEMENT CHARACTER}" for sign in text)
    return fitted(seen, LONGEST)


class MappingInvalid(Exception):
    """A mapping that cannot be used. Its text lists all that is wrong, a line each, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(dict.fromkeys(problems), key=lambda problem: problem.line))
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[object, ...]:
        return MappingInvalid, (self.problems,)


def alike(word: str, known: Iterable[str]) -> str | None:
    """Give the known name most like the word, whatever its case; None where none is."""
    lower = {name.lower(): name for name in sorted(set(known))}
    near = get_close_matches(word.lower(), lower, n=1)
    return lower[near[0]] if near else None


def nearest(word: str, known: Iterable[str]) -> str:
    """Suggest the known name most like the word, else list what there is."""
    names = sorted(set(known))
    near = alike(word, names)
    if near:
        return f"did you mean {near}?"
    listed = ", ".join(names[:LISTED]) + (" ..." if len(names) > LISTED else "")
    return f"there is: {listed}" if names else "remove it"
