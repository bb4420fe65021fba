"""The lexicons behind the transforms seniority, department, country and employees: which words stand for which value.

And which stand for nobody, where people are compared. Data in lexicon/*.yaml, compiled once into patterns that Polars
and Python both understand. Needs no Polars.
"""

import hashlib
import re
import unicodedata
from functools import cache
from importlib import resources

import yaml

FILES = ("seniority", "department", "countries", "employees")


@cache
def patterns(name: str) -> tuple[tuple[str, str], ...]:
    """Give the (value, pattern) pairs of a lexicon of patterns, in the order in which they are tried.

    Patterns are for text as `plain` makes it.
    """
    lines: list[dict[str, list[str]]] = yaml.safe_load(_text(name))
    return tuple((str(value), rf"\b(?:{'|'.join(words)})\b") for line in lines for value, words in line.items())


@cache
def countries() -> dict[str, str]:
    """Give each spelling, as `plain` makes it, with the usual English name."""
    known: dict[str, list[str]] = yaml.load(_text("countries"), Loader=yaml.BaseLoader)  # noqa: S506  makes only text; NO is Norway here
    return {plain(spelling): name for name, spellings in known.items() for spelling in (name, *spellings)}


def plain(text: str) -> str:
    """Write a text in lower case, without accents, full stops and blanks around it."""
    split = unicodedata.normalize("NFKD", text.replace(".", "").strip().lower())
    return re.sub(r"[\u0300-\u036f]", "", split)


@cache
def nobody(what: str) -> tuple[str, ...]:
    """Give what people write who have no company, or no name ("names", single words).

    "companies" are nobody whatever the legal form, "alone" only as they stand.
    """
    known: dict[str, list[list[str]]] = yaml.load(_text("nobody"), Loader=yaml.BaseLoader)  # noqa: S506  makes only text, and runs nothing
    return tuple(text for line in known[what] for text in line)


@cache
def fingerprint() -> str:
    """Hash the lexicons of transforms: another one makes other features of the same records."""
    return hashlib.blake2b("\0".join(map(_text, FILES)).encode(), digest_size=8).hexdigest()


def _text(name: str) -> str:
    return (resources.files("mappings") / "lexicon" / f"{name}.yaml").read_text(encoding="utf-8")
