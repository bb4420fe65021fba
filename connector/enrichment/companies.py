"""Company names: without their legal form, and as a key by which two spellings of one company meet.

Source of the legal forms: the package cleanco, which takes them from the end of a name; those that stand in front, and
some that it lacks, are listed here.
"""

import re
import unicodedata
from functools import cache, lru_cache

LONGEST = 255
KEPT = 20_000
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


@lru_cache(KEPT)
def base_name(name: str) -> str:
    """Write a company's name without its legal form and without what stands in brackets.

    "Acme (Germany) GmbH & Co. KG" is Acme. A name that is nothing but a legal form stays as it is.
    """
    text = " ".join(name[:LONGEST].split())
    bare = IN_BRACKETS.sub("", text).strip() or text
    for _ in range(2):  # "Widgets Inc., Ltd." has two
        bare = _without_form(bare)
    return bare


def _without_form(name: str) -> str:
    bare = AT_END.sub("", IN_FRONT.sub("", name)) or name
    base = _cleanco()(bare)
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


@cache
def _cleanco():  # type: ignore[no-untyped-def]  # noqa: ANN202  cleanco has no types
    from cleanco import basename  # noqa: PLC0415  sorts its list of legal forms when it is loaded

    return basename
