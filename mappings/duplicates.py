"""The section `duplicates` of a mapping: which fields tell who a person or a company is. Needs no Polars.

The fields are pulled for this alone where no feature reads them, a CRM may lack each, and none of them moves a score
but by features of earlier leads (`earlier`).
"""

from collections.abc import Mapping as Dict
from dataclasses import astuple, dataclass
from hashlib import blake2b

from connector.crm import Entity
from mappings import words
from mappings.file.reader import Reader
from mappings.file.yamlfile import Block


@dataclass(frozen=True, slots=True)
class Telling:
    """The fields of one kind of record that tell who it is; those of `name` make one name together, in this order."""

    email: tuple[str, ...] = ()
    phone: tuple[str, ...] = ()
    name: tuple[str, ...] = ()
    company: tuple[str, ...] = ()
    website: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """Name all of them, each once."""
        return tuple(dict.fromkeys(name for names in astuple(self) for name in names))


@dataclass(frozen=True, slots=True)
class Duplicates:
    """What tells leads and companies that are there twice."""

    lead: Telling = Telling()
    company: Telling = Telling()

    def of(self, entity: Entity) -> Telling:
        """Give the fields of an entity; none for those that nobody looks for."""
        match entity:
            case Entity.LEAD:
                return self.lead
            case Entity.COMPANY:
                return self.company
            case _:
                return Telling()


NOT_SOUGHT = Duplicates()
RULES = 3  # of `mappings.matching.sameness`: where it finds something else, this is another number


def rules_of(telling: Telling) -> str:
    """Tell by what is looked for: another text means that everything has to be looked for anew; "" is nothing."""
    return f"{RULES} {blake2b(repr(telling).encode(), digest_size=6).hexdigest()}" if telling.fields else ""


def read_duplicates(reader: Reader, mapping: Block) -> Duplicates:
    """Read the section; without it nothing is looked for."""
    where = "duplicates"
    block = reader.block(mapping, where, "the mapping", needed=False)
    reader.keys(block, words.DUPLICATES_KEYS, where)
    return Duplicates(
        _telling(reader, block, "lead", words.SAME_LEAD_KEYS),
        _telling(reader, block, "company", words.SAME_COMPANY_KEYS),
    )


def check_told(reader: Reader, section: Duplicates, facts: Dict[str, int]) -> None:
    """Note each fact of a person's earlier leads, with the line that names it, where nothing tells persons."""
    for name, line in facts.items():
        if not words.EARLIER[name].of_company and not section.lead.fields:
            fix = "add duplicates.lead: the fields with its email, phone and name"
            reader.wrong(line, f"{name} needs to know which leads are the same person", fix)


def _telling(reader: Reader, section: Block, key: str, known: tuple[str, ...]) -> Telling:
    where = f"duplicates.{key}"
    block = reader.block(section, key, "duplicates", needed=False)
    reader.keys(block, known, where)
    return Telling(**{name: reader.texts(block, name, where, needed=False) for name in known})
