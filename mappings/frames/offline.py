"""What the records themselves tell, told of many leads at once: a column of text for each field of `OFFLINE`.

Columns are plain lists, because what they are made with looks at one value at a time. What several fields are made of
(a number, a domain, a name) is looked at once, and only if one of those fields is wanted. What values say that come
again and again is kept by those who say it, so a value costs once, whatever the chunk; only so much is kept, so memory
does not grow with the number of leads.
"""

from collections.abc import Callable, Iterable
from collections.abc import Mapping as Dict
from functools import cached_property, lru_cache

from connector.enrichment import companies, forms, mail, names, phones, places
from connector.enrichment.phones import Number
from connector.enrichment.places import Place
from mappings import lexicon
from mappings.links import domain_key

Texts = list[str | None]

SPELLINGS_KEPT = 2_000
NOTHING = (None,) * 5  # a form of which every part was left empty


def told(held: Dict[str, Texts], wanted: Iterable[str]) -> dict[str, Texts]:
    """Make the wanted fields of leads, in their order.

    `held` has the leads' texts by part of a record (`enrichment.PARTS`), all of one length, without blanks around them
    and null for empty ones; the parts that `OFFLINE` names for a wanted field are there.
    """
    leads = _Leads(held)
    return {name: COLUMNS[name](leads) for name in wanted}


class _Leads:
    """Some leads by the parts of their records; each property is one thing of all of them, in their order."""

    def __init__(self, held: Dict[str, Texts]) -> None:
        self.held = held

    @cached_property
    def named(self) -> list[Place | None]:
        """The country that is written."""
        return [_named(text) if text else None for text in self.held["country"]]

    @cached_property
    def numbers(self) -> list[Number | None]:
        """What their phone number tells, as dialled from the country that is written."""
        pairs = zip(self.held["phone"], self.named, strict=True)
        return [phones.number(text, place.code if place else None) if text else None for text, place in pairs]

    @cached_property
    def places(self) -> list[Place | None]:
        """The country that is written, else where the phone is."""
        pairs = zip(self.named, self.numbers, strict=True)
        return [place or (places.place(number.country) if number else None) for place, number in pairs]

    @cached_property
    def time_zones(self) -> Texts:
        """The zone of the phone, unless it is of another country than the lead says: people travel with phones."""
        return [_time_zone(place, number) for place, number in zip(self.places, self.numbers, strict=True)]

    @cached_property
    def domains(self) -> Texts:
        pairs = zip(self.held["email"], self.held["website"], strict=True)
        return [domain_key(email) or domain_key(website) for email, website in pairs]

    @cached_property
    def company_names(self) -> Texts:
        """The company's name; that of the domain where none is given, or one that is nonsense."""
        pairs = zip(self.held["company"], self.domains, strict=True)
        return [_company_name(company, domain) for company, domain in pairs]

    @cached_property
    def mail_kinds(self) -> Texts:
        return [mail.kind(email) if email else None for email in self.held["email"]]

    @cached_property
    def signs(self) -> list[tuple[str, ...] | None]:
        """The signs that nobody meant the form; null where there is nothing to look at."""
        parts = (self.held[part] for part in ("first_name", "last_name", "company"))
        made_up = [phones.is_made_up(phone) if phone else None for phone in self.held["phone"]]
        rows = zip(*parts, self.mail_kinds, made_up, strict=True)
        return [None if row == NOTHING else forms.signs(*row) for row in rows]


@lru_cache(SPELLINGS_KEPT)
def _named(country: str) -> Place | None:
    """Find a country in any of our spellings."""
    return places.place(lexicon.countries().get(lexicon.plain(country)) or country)


def _time_zone(place: Place | None, number: Number | None) -> str | None:
    if number and number.time_zone and (place is None or number.country == place.code):
        return number.time_zone
    return (place.time_zone or None) if place else None


def _company_name(company: str | None, domain: str | None) -> str | None:
    if company and not names.is_gibberish(company):
        return companies.base_name(company)
    return companies.name_of_domain(domain) if domain else None


def _name_plausible(leads: _Leads) -> Texts:
    pairs = zip(leads.held["first_name"], leads.held["last_name"], strict=True)
    return [_is_plausible(first, last) if first or last else None for first, last in pairs]


def _is_plausible(first: str | None, last: str | None) -> str:
    is_odd = bool(first and names.is_gibberish(first)) or bool(last and names.is_gibberish(last))
    return "false" if is_odd else "true"


def _of_place(attribute: str) -> Callable[[_Leads], Texts]:
    return lambda leads: [getattr(place, attribute) or None if place else None for place in leads.places]


WRITTEN = {True: "true", False: "false", None: None}

# How each field of `OFFLINE` is made.
COLUMNS: dict[str, Callable[[_Leads], Texts]] = {
    "domain": lambda leads: leads.domains,
    "mail_kind": lambda leads: leads.mail_kinds,
    "phone_country": lambda leads: [number.country if number else None for number in leads.numbers],
    "phone_line": lambda leads: [number.line if number else None for number in leads.numbers],
    "phone_valid": lambda leads: [WRITTEN[number.is_valid] if number else None for number in leads.numbers],
    "country_code": _of_place("code"),
    "region": _of_place("continent"),
    "subregion": _of_place("subregion"),
    "time_zone": lambda leads: leads.time_zones,
    "language": _of_place("language"),
    "company_name": lambda leads: leads.company_names,
    "company_key": lambda leads: [companies.match_key(name) if name else None for name in leads.company_names],
    "legal_form": lambda leads: [companies.legal_form(name) if name else None for name in leads.held["company"]],
    "name_plausible": _name_plausible,
    "spam_signs": lambda leads: [None if signs is None else str(len(signs)) for signs in leads.signs],
    "spam_sign": lambda leads: [None if signs is None else (*signs, "none")[0] for signs in leads.signs],
}
