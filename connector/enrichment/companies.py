"""Company names: without their legal form, and as a key by which two spellings of one company meet.

Source of the legal forms: the package cleanco, which takes them from the end of a name; those that stand in front, and
some that it lacks, are listed here.
"""

import re
import unicodedata
from functools import lru_cache

from connector.enrichment.legal_forms import without_form

LONGEST = 255
KEPT = 10_000  # as many as a chunk has leads
# Letters that have no accent to take away.
LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i"}
)
IN_FRONT = re.compile(
    r"^(?:(?:ooo|oao|zao|pao|pt\.?|tov|oy)[\s\"«„]+|(?:株式会社|有限会社|合同会社)\s*)(?=\S)", re.IGNORECASE
)
AT_END = re.compile(
    r"[\s,]*(?:aktiengesellschaft|gesellschaft mbh|public limited company|株式会社|有限会社|合同会社|有限公司|tbk)$",
    re.IGNORECASE,
)
IN_BRACKETS = re.compile(r"\s*[(\[][^)\]]*[)\]]")
_SIGNS = re.compile(r"[^\w\s]")


@lru_cache(KEPT)
def base_name(name: str) -> str:
    """Write a company's name without its legal form and without what stands in brackets.

    "Acme (Germany) GmbH & Co. KG" is Acme. A name that is nothing but a legal form stays as it is.
    """
    text = " ".join(name[:LONGEST].split())
    bare = IN_BRACKETS.sub("", text).strip() or text
    once = _without_form(bare)
    return once if once == bare else _without_form(once)  # "Widgets Inc., Ltd." has two


@lru_cache(KEPT)
def legal_form(name: str) -> str | None:
    """Give the legal form at a name's end, in lower case and without dots: "Acme GmbH & Co. KG" is gmbh co kg.

    None where there is none.
    """
    bare = IN_BRACKETS.sub("", " ".join(name[:LONGEST].split())).strip()
    base = base_name(name)
    words = _SIGNS.sub("", bare[len(base) :].lower()).split() if bare.startswith(base) else []
    return " ".join(words) or None


def _without_form(name: str) -> str:
    bare = AT_END.sub("", IN_FRONT.sub("", name)) or name
    base = without_form(bare)
    # "The Limited" is a shop: what is left of a name has to say something.
    return base if base and base.lower() not in {"the", "a", "das", "die", "der", "la", "le", "el"} else bare


@lru_cache(KEPT)
def match_key(name: str) -> str | None:
    """Give what two spellings of one company have in common; None when nothing is left of the name.

    Lower case, without accents, legal form, punctuation and blanks: "ACME, Inc." and "Acme" are both acme.
    """
    text = re.sub(r"\s*(?:&|\+)\s*", " and ", base_name(name)).lower().translate(LETTERS)
    split = unicodedata.normalize("NFKD", text)
    plain = "".join(sign for sign in split if sign.isalnum() or sign.isspace())
    return "".join(plain.removeprefix("the ").split()) or None


def name_of_domain(domain: str) -> str:
    """Guess a company's name from its registered domain: acme-widgets.co.uk is Acme Widgets."""
    return " ".join(word.capitalize() for word in domain.partition(".")[0].split("-") if word)
