"""Texts that fit the fields of a CRM."""

MORE = "..."


def fitted(text: str, length: int) -> str:
    """Put a text on one line and shorten it to the length, between two words where there are two."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    head = line[: length - len(MORE) + 1]
    return (head.rsplit(" ", 1)[0] if " " in head else head[:-1]).rstrip(",.;: ") + MORE
