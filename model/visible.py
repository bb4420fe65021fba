"""Texts of strangers without what nobody sees, such as signs that turn the direction of all that is written behind."""

import unicodedata

JOINERS = "\u200c\u200d"  # Persian and Indic scripts are spelled with them; all other format characters are hidden
NO_BREAK = "\u00a0"  # common in some languages, and no reason to look at each character


def visible(text: str) -> str:
    """Keep what can be seen; control characters and line ends part words, the rest of what is hidden does not."""
    if text.replace(NO_BREAK, "").isprintable():
        return text
    return "".join(_seen(character) for character in text)


def _seen(character: str) -> str:
    match unicodedata.category(character):
        case "Cc" | "Zl" | "Zp":
            return " "
        case "Cf" if character in JOINERS:
            return character
        case "Cf" | "Cs" | "Co" | "Cn":
            return ""
        case _:
            return character
