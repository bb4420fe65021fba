"""The parts of a mapping as plain values: where a feature comes from, how a lead ends, how records find each other."""

from dataclasses import dataclass, field

from connector.crm import Entity
from model.features import Feature


@dataclass(frozen=True, slots=True)
class Source:
    """A field that a feature's value may come from."""

    entity: Entity
    field: str


@dataclass(frozen=True, slots=True)
class Step:
    """One transform with what it is told: a number, rising numbers, (word, word) pairs, a list of words, rates.

    `value` is of the type that the column has where the step begins.
    """

    name: str
    number: float = 0.0
    numbers: tuple[float, ...] = ()
    words: tuple[tuple[str, str], ...] = ()
    listed: tuple[str, ...] = ()
    rates: tuple[tuple[str, float], ...] = ()
    value: str | float | bool | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """Measures the lead's activities up to `window_days` after its creation whose fields all have one of the values.

    `measure` is what it tells of them (words.MEASURES), `field` the field that some measures look at. With
    `half_life_days`, an activity counts half so many days before the window's end: a moment that the lead's creation
    fixes, so nothing fades as time goes by.
    """

    at: str
    window_days: int
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    entity: Entity = Entity.ACTIVITY  # of which records: campaign members, or an object that the links name
    measure: str = "count"
    field: str = ""
    half_life_days: float | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        names = (self.at, *(name for name, _ in self.where), self.field)
        return tuple(name for name in names if name)


@dataclass(frozen=True, slots=True)
class Rule:
    """How a feature is made: its first source with a value, a count, the days between two, or one by another.

    Then come the steps. `currencies` are the fields with the currency of each source, on the source's own record.
    Without `has_label` the file gives the feature no label, and people read what the CRM calls its field (`called`).
    """

    feature: Feature
    sources: tuple[Source, ...] = ()
    count: Count | None = None
    days_between: tuple[Source, ...] = ()
    steps: tuple[Step, ...] = ()
    optional: bool = False
    has_label: bool = field(default=True, repr=False)  # not in `repr`, which versions are made of: moves no score
    ratio: tuple[Source, ...] = ()
    currencies: tuple[Source, ...] = ()
    called: str = field(default="", repr=False)  # what the CRM calls the field, before what transforms make of it

    @property
    def reads(self) -> tuple[Source, ...]:
        """Every field that the feature is made of."""
        counted = tuple(Source(self.count.entity, name) for name in self.count.fields) if self.count else ()
        return self.sources + self.days_between + self.ratio + self.currencies + counted


@dataclass(frozen=True, slots=True)
class Deal:
    """How a deal's end is read, and which leads it belongs to. Names are fields; "" is one that this CRM has not.

    The lead names its deal (`lead_field`), or the deal its leads (`leads_field`, ids with ";" between), or `through`
    has a record for each pair of them, and the deal's link names its leads. `won` and
    `closed` are true/false fields; where they are empty, the stage decides.
    """

    lead_field: str = ""
    leads_field: str = ""
    created: str = ""
    won: str = ""
    closed: str = ""
    closed_at: str = ""
    amount: str = ""
    stage: str = ""
    won_stages: tuple[str, ...] = ()
    lost_stages: tuple[str, ...] = ()
    through: "Junction | None" = field(default=None, repr=False)  # in a mapping's version only where there is one
    own: bool = field(default=False, repr=False)  # the scored record is the deal itself; `scored` is in the version


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a lead's end is read, and what counts as success: the milestone within so many days of its creation.

    `observe_days` None: as long as the longest count looks. `min_amount` None: a won deal of any amount is one.
    `priority` is the CRM's own order of leads: for the report, never a feature. `looks`: each is looked at on one of
    these days, and `observe_days` is the last of them.
    """

    milestone: str
    horizon_days: int
    created: str
    observe_days: int | None = None
    min_amount: float | None = None
    converted: str = ""
    converted_values: tuple[str, ...] = ("true",)
    converted_at: str = ""
    disqualified: str = ""
    disqualified_values: tuple[str, ...] = ()
    priority: str = ""
    deal: Deal = Deal()
    looks: tuple[int, ...] = field(default=(), repr=False)  # in a mapping's version only where there are several


@dataclass(frozen=True, slots=True)
class Links:
    """How records find each other: leads their company (by domain or by id), activities their lead."""

    by: str = "id"
    lead: tuple[str, ...] = ()
    company: str = ""
    company_created: str = ""
    activity_lead: str = ""
    objects: tuple["Object", ...] = ()


@dataclass(frozen=True, slots=True)
class Object:
    """A CRM's object whose records are activities of leads: Task, Event, calls, one of the customer's own.

    `lead` is its field with the lead's id, or several, ";" between; `through` tells of further leads. Where a
    conversion gives a lead's activities to a contact, the lead's field `converted` names that; "" where none does.
    """

    entity: Entity
    lead: str
    converted: str = ""
    through: "Junction | None" = field(default=None, repr=False)  # in a mapping's version only where there is one


@dataclass(frozen=True, slots=True)
class Junction:
    """A CRM's object with a record for each pair of an activity and a lead: EventRelation. Names are its fields."""

    entity: Entity
    activity: str
    lead: str


@dataclass(frozen=True, slots=True)
class Privacy:
    """What people declared; see `mappings.file.privacy`. Fields are NAME (of the lead), company.NAME, deal.NAME."""

    purpose: str = ""
    lawful_basis: str = ""
    sensitive: tuple[str, ...] = ()
    never_read: tuple[str, ...] = ()


UNDECLARED = Privacy()
