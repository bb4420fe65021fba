"""Texts that fit the fields of a CRM."""

import re

BLANKS = re.compile(r"\s+")
NO_BREAK = "\u00a0"  # holds a number and its sign together

MORE = "..."


def fitted(text: str, length: int) -> str:
    """Put a text on one line and shorten it to the length, between two words where there are two."""
    line = BLANKS.sub(lambda found: NO_BREAK if set(found[0]) == {NO_BREAK} else " ", text).strip()
    if len(line) <= length:
        return line
    head = line[: length - len(MORE) + 1]
    return (head.rsplit(" ", 1)[0] if " " in head else head[:-1]).rstrip(",.;: ") + MORE
