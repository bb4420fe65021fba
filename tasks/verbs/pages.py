"""Small pages that follow each other, joined: each transaction has a price of its own."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from connector.crm import Page
from connector.errors import ConnectorError


def gathered(pages: Iterable[Page], *, rows: int) -> Iterator[Page]:
    """Join pages that follow each other until they have so many rows, with the last one's cursor.

    What has come when the CRM fails is passed on before the error is.
    """
    held: list[Page] = []
    try:
        for page in pages:
            if held and page.fields != held[-1].fields:
                yield _joined(held)
                held = []
            held.append(page)
            if sum(len(one.records) for one in held) >= rows:
                yield _joined(held)
                held = []
    except ConnectorError:
        if held:
            yield _joined(held)
        raise
    if held:
        yield _joined(held)


def _joined(pages: Sequence[Page]) -> Page:
    return replace(pages[-1], records=tuple(record for page in pages for record in page.records))
