"""What may stand beside a lead's own fields, as plain values: told by the record itself, by tables, by services.

A feature names such a field as `from: enriched.FIELD`. `enriching.py` reads the section of a mapping file, and
`enriched.py` makes the columns. Needs no Polars.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from connector.crm import Entity
from connector.enrichment.sources import Source

PREFIX = "enriched."
OF_COMPANY = "company."  # how a field of the linked company is written, where a lead's own stand

# What the record itself tells, with the parts of a record that tell it.
OFFLINE = {
    "domain": ("email", "website"),
    "mail_kind": ("email",),
    "phone_country": ("phone", "country"),
    "phone_line": ("phone", "country"),
    "phone_valid": ("phone", "country"),
    "country_code": ("country", "phone"),
    "region": ("country", "phone"),
    "subregion": ("country", "phone"),
    "time_zone": ("country", "phone"),
    "language": ("country", "phone"),
    "company_name": ("company", "email", "website"),
    "company_key": ("company", "email", "website"),
    "legal_form": ("company",),
    "name_plausible": ("first_name", "last_name"),
    "spam_signs": ("first_name", "last_name", "company", "email", "phone"),
    "spam_sign": ("first_name", "last_name", "company", "email", "phone"),
}
# The lead's fields that hold these parts, the first with a value counts.
PARTS = {
    "salesforce": {
        "email": ("Email",),
        "website": ("Website",),
        "phone": ("Phone", "MobilePhone"),
        "country": ("Country",),
        "company": ("Company",),
        "first_name": ("FirstName",),
        "last_name": ("LastName",),
    },
    "hubspot": {
        "email": ("email",),
        "website": ("website",),
        "phone": ("phone", "mobilephone"),
        "country": ("country",),
        "company": ("company",),
        "first_name": ("firstname",),
        "last_name": ("lastname",),
    },
}
KEY_PARTS = {"domain": ("email", "website"), "company": ("company",)}  # what a key is taken from if nobody says so


OVERWRITES = ("never", "ours")


@dataclass(frozen=True, slots=True)
class WriteBack:
    """An enriched value that is written to a field of the CRM's own: which source's, and where.

    `renews`: a newer value takes the place of one that we wrote. A value of anybody else's always stays.
    """

    source: str
    name: str
    field: str
    renews: bool = False


@dataclass(frozen=True, slots=True)
class Enrichment:
    """What may be enriched. `parts` are (part of a record, the fields that hold it) pairs, of leads and companies.

    `folder` is where relative paths of tables start; "": beside the mapping's file.
    """

    parts: tuple[tuple[str, tuple[str, ...]], ...] = ()
    sources: tuple[Source, ...] = ()
    write_back: tuple[WriteBack, ...] = field(default=(), repr=False)  # in a mapping's version only where there is any
    folder: str = field(default="", repr=False, compare=False)

    @property
    def fields(self) -> tuple[str, ...]:
        """Name every enriched field that a feature may be made of."""
        return (*OFFLINE, *(name for source in self.sources for name, _ in source.fields))

    def fields_of(self, part: str) -> tuple[str, ...]:
        """Name the lead's fields that hold a part of a record."""
        return dict(self.parts).get(part, ())

    def used(self, names: Iterable[str]) -> tuple[Source, ...]:
        """Give the sources that these fields come from."""
        wanted = set(names)
        return tuple(source for source in self.sources if wanted & {name for name, _ in source.fields})

    def read_offline(self, names: Iterable[str]) -> tuple[str, ...]:
        """Name the fields that tell these enriched ones, a company's as "company.FIELD"; a CRM may lack them."""
        parts = (part for name in names for part in OFFLINE.get(name, ()))
        return tuple(dict.fromkeys(field for part in parts for field in self.fields_of(part)))

    def keys(self, names: Iterable[str]) -> tuple[str, ...]:
        """Name the fields by which the sources of these enriched ones are asked, a company's as "company.FIELD"."""
        return tuple(dict.fromkeys(field for source in self.used(names) for field in source.key.of))


def of_entity(entity: Entity, names: Iterable[str]) -> tuple[str, ...]:
    """Give those of the fields that stand on a lead, or on its company, as the CRM names them; others have none."""
    match entity:
        case Entity.LEAD:
            return tuple(name for name in names if not name.startswith(OF_COMPANY))
        case Entity.COMPANY:
            return tuple(name.removeprefix(OF_COMPANY) for name in names if name.startswith(OF_COMPANY))
        case _:
            return ()


NO_ENRICHMENT = Enrichment()
