"""What a country tells: its region of the world, the time zone of its people, its language. Data in data/places.csv."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Place:
    """A country. `time_zone` is "" where its people live in several; `language` is an ISO 639 code."""

    code: str
    name: str
    continent: str
    subregion: str
    time_zone: str
    language: str


@cache
def places() -> dict[str, Place]:
    """Give every country by its ISO code in capitals and by its English name in lower case."""
    text = (resources.files("connector") / "enrichment" / "data" / "places.csv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    rows = [Place(**row) for row in csv.DictReader(lines)]
    return {place.code: place for place in rows} | {place.name.lower(): place for place in rows}


def place(text: str | None) -> Place | None:
    """Find a country by its ISO code or its English name."""
    if not text:
        return None
    word = text.strip()
    return places().get(word.upper()) or places().get(word.lower())
