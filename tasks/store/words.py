"""Words that are sought in bytes, whatever their case: as texts, tables, JSON and Excel's plain files spell them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

import orjson

WHOLE = 6  # a shorter word is found as a word of its own alone: "Bo Li" is no part of "turbo lights"
LETTER = rb"[0-9A-Za-z_\x80-\xff]"
NAME = re.compile(r"[^\W\d_][^\d@;:/]{1,60}")
ESCAPED = re.compile(rb"\\(?:[bfnrt]|u[0-9a-f]{4})\Z")  # the end of a line in JSON is no letter of the word after it
ESCAPE, SIGN = 6, 4  # bytes that an escape has at most, and a sign of UTF-8


@dataclass(frozen=True, slots=True)
class Sought:
    """Words in small letters; `longest` is in bytes.

    `parts` stand anywhere, `names` where no letter goes on before or after them, `whole` between other signs. `others`
    are texts of somebody else, in which no word is looked for.
    """

    parts: tuple[bytes, ...]
    names: tuple[bytes, ...]
    whole: re.Pattern[bytes] | None
    longest: int
    others: tuple[bytes, ...] = ()

    def stands_in(self, held: bytes) -> bool:
        """Tell whether one of the words stands there."""
        small = held.lower()
        for other in self.others:
            small = small.replace(other, b"\0")
        if any(part in small for part in self.parts) or any(_stands_alone(name, small) for name in self.names):
            return True
        return self.whole is not None and bool(self.whole.search(small))

    def in_rows(self, others: Iterable[str]) -> "Sought":
        """Give what to look for in a file in which rows stand without a sign between them, beside texts of others."""
        texts = {one for other in others for one in _bytes(other)}
        ordered = tuple(sorted(texts, key=len, reverse=True))
        return replace(self, parts=(*self.parts, *self.names), names=(), whole=None, others=ordered)


def sought(words: Iterable[str]) -> Sought:
    """Make words ready to be looked for; blank ones are none."""
    wanted = [word for word in words if word.strip()]
    long = [word for word in wanted if len(word) >= WHOLE]
    parts = sorted({one for word in long if not is_name(word) for one in _bytes(word)})
    names = sorted({one for word in long if is_name(word) for one in _bytes(word)})
    short = sorted({one for word in wanted if len(word) < WHOLE for one in _bytes(word)})
    either = b"|".join(map(re.escape, short))
    whole = re.compile(b"(?<!%b)(?:%b)(?!%b)" % (LETTER, either, LETTER)) if short else None
    longest = max(map(len, [*parts, *names, *short]), default=0)
    return Sought(tuple(parts), tuple(names), whole, longest + ESCAPE)


def is_name(word: str) -> bool:
    """Tell whether a word is a name in letters that have capitals: "Ann Park" is no part of "Joann Parker".

    Where letters have none (Japanese, Arabic), names run into other words, and so they are looked for anywhere.
    """
    return NAME.fullmatch(word) is not None and _has_case(word[0]) and _has_case(word[-1])


def longer(held: str, names: Iterable[str]) -> set[str]:
    """Give the words of a text, in small letters, that a name is only a part of."""
    small, found = held.lower(), set[str]()
    for name in {one for word in names for one in spellings(word)}:
        start = small.find(name)
        while start >= 0:
            first, last = start, start + len(name)
            while first and _has_case(small[first - 1]):
                first -= 1
            while last < len(small) and _has_case(small[last]):
                last += 1
            found |= {small[first:last]} - {name}
            start = small.find(name, start + 1)
    return found


def _stands_alone(name: bytes, small: bytes) -> bool:
    """Tell whether a name stands there with no letter that goes on before or after it."""
    start = small.find(name)
    while start >= 0:
        before, after = small[max(0, start - ESCAPE) : start], small[start + len(name) :][:SIGN]
        goes_on = _has_case(_last(before)) and not ESCAPED.search(before)
        if not goes_on and not _has_case(_first(after)):
            return True
        start = small.find(name, start + 1)
    return False


def _has_case(letter: str) -> bool:
    return letter.lower() != letter.upper()


def _first(held: bytes) -> str:
    return next(
        (one for size in range(1, SIGN + 1) if (one := _sign(held[:size]))), held[:1].decode("cp1252", "ignore")
    )


def _last(held: bytes) -> str:
    found = (_sign(held[-size:]) for size in range(1, min(SIGN, len(held)) + 1))
    return next((one for one in found if one), held[-1:].decode("cp1252", "ignore"))


def _sign(held: bytes) -> str:
    """Give the sign that these bytes are in UTF-8; nothing when they are none, or a part of one."""
    try:
        return held.decode()
    except UnicodeDecodeError:
        return ""


def spellings(word: str) -> set[str]:
    """Give what a word looks like in small letters, as it is and as JSON has it.

    SQLite, and bytes, make small only the letters of ASCII; so a word in capitals keeps its others.
    """
    small = {word.lower(), _ascii_small(word), _ascii_small(word.upper())}
    return small | {orjson.dumps(one).decode()[1:-1] for one in small}


def _ascii_small(word: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in word)


def _bytes(word: str) -> set[bytes]:
    """Give the spellings in UTF-8, and in the code page of Western Europe, in which Excel saves a plain CSV file."""
    found = spellings(word)
    return {one.encode() for one in found} | {one.encode("cp1252") for one in found if _in_code_page(one)}


def _in_code_page(word: str) -> bool:
    try:
        word.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True
