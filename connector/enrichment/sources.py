"""Where enrichment comes from: the port `Enricher`, and what a source is told, as plain values.

What the record itself tells needs no port: those are functions of one value (`mail`, `phones`, `places`, `companies`,
`names`, `forms`). A source that knows more is asked by key: the customer's table, or a service of anybody.
"""

import re
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

Values = Mapping[str, str]  # canonical text by field, as a CRM's values are; what is not known is not there
Path = tuple[str | int, ...]

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
MARK = "{key}"  # where a key goes, in an address or a body
_STEP = re.compile(r"([^.\[\]]+)|\[(\d{1,4})\]")
_PATH = re.compile(r"[^.\[\]]+(?:\.[^.\[\]]+|\[\d{1,4}\])*")


class Enricher(Protocol):
    """A source that is asked by key."""

    def told(self, keys: Sequence[str]) -> Iterator[tuple[str, Values | None]]:
        """Tell of each key, in order, what is known of it; None where the source does not know it.

        Whoever asks may stop after any key. Raises ConnectorError by what to do next.
        """
        ...


@dataclass(frozen=True, slots=True)
class KeyedBy:
    """How a lead finds its row: the kind of key, and the lead's fields to take it from, the first that gives one."""

    kind: str
    of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableSource:
    """The customer's own table. `column` holds its keys; `fields` are (enriched field, column) pairs."""

    name: str
    path: str
    key: KeyedBy
    column: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ServiceSource:
    """A service that is asked over HTTP. `fields` are (enriched field, path in the reply) pairs.

    `body` None: GET, else the JSON that is posted; both it and `url` hold "{key}". `secret` names the secret that goes
    into the header `header`, after `scheme`. What only says how often and for how much is asked moves no value, and is
    not in `repr`, which versions are made of.
    """

    name: str
    url: str
    key: KeyedBy
    fields: tuple[tuple[str, Path], ...]
    body: str | None = None
    header: str = field(default="", repr=False)
    scheme: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    per_second: float = field(default=5.0, repr=False)
    cost: float = field(default=0.0, repr=False)
    most_cost_a_day: float | None = field(default=None, repr=False)
    most_a_run: int = field(default=200, repr=False)
    keep_days: int = field(default=90, repr=False)
    waits: bool = field(default=False, repr=False)  # while it is down, leads wait for it; else they go without
    timeout_s: float = field(default=10.0, repr=False)

    @property
    def key_is_in_url(self) -> bool:
        """Whether the key is seen by whoever logs addresses on the way."""
        return MARK in self.url


Source = TableSource | ServiceSource


def parse_path(text: str) -> Path | None:
    """Read a path such as company.sites[0].country; None when it is none."""
    if not _PATH.fullmatch(text):
        return None
    return tuple(int(number) if number else name for name, number in _STEP.findall(text))


def address_problem(url: str) -> str | None:
    """Tell what is wrong with a service's address, as a fix; None when it is well."""
    try:
        parts = urllib.parse.urlsplit(url)
        host = parts.hostname or ""
        parts.port  # noqa: B018  raises when it is none
    except ValueError:
        return "write it as https://HOST/PATH"
    if not host or MARK in parts.netloc or parts.username is not None or parts.fragment:
        return f"write it as https://HOST/PATH, with {MARK} after the host only, and no name or password before it"
    if parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK):
        return None
    return "write https; http is for this machine only"
