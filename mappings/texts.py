"""Texts that fit the fields of a CRM."""

import re

from model.visible import NO_BREAK, visible

BLANKS = re.compile(r"\s+")

MORE = "..."


def fitted(text: str, length: int) -> str:
    """Put what is visible of a text on one line and shorten it to the length, between two words where there are two."""
    line = BLANKS.sub(lambda found: NO_BREAK if set(found[0]) == {NO_BREAK} else " ", visible(text)).strip()
    if len(line) <= length:
        return line
    head = line[: length - len(MORE) + 1]
    return (head.rsplit(" ", 1)[0] if " " in head else head[:-1]).rstrip(",.;: ") + MORE
