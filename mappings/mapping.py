"""A mapping as it is used: the dictionary of one connection. Holds plain values only; needs no Polars."""

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field

from connector.crm import Entity, NewField
from mappings.links import Key, domain_key, exact_key
from mappings.outputs import new_field
from model.features import Feature
from model.grades import DEFAULT, Grades
from model.scorecard import NO_RULES, Scorecard


@dataclass(frozen=True, slots=True)
class Source:
    """A field that a feature's value may come from."""

    entity: Entity
    field: str


@dataclass(frozen=True, slots=True)
class Step:
    """One transform with what it is told: a number, rising numbers, or (word, word) pairs."""

    name: str
    number: float = 0.0
    numbers: tuple[float, ...] = ()
    words: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Count:
    """Counts the lead's activities up to `window_days` after its creation whose fields all have one of the values."""

    at: str
    window_days: int
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.at, *(name for name, _ in self.where))


@dataclass(frozen=True, slots=True)
class Rule:
    """How a feature is made: its first source with a value, a count, or the days between two; then the steps.

    Without `has_label` the file gives the feature no label, and people read what the CRM calls its field.
    """

    feature: Feature
    sources: tuple[Source, ...] = ()
    count: Count | None = None
    days_between: tuple[Source, ...] = ()
    steps: tuple[Step, ...] = ()
    optional: bool = False
    has_label: bool = field(default=True, repr=False)  # not in `repr`, which versions are made of: moves no score

    @property
    def reads(self) -> tuple[Source, ...]:
        """Every field that the feature is made of."""
        counted = tuple(Source(Entity.ACTIVITY, name) for name in self.count.fields) if self.count else ()
        return self.sources + self.days_between + counted


@dataclass(frozen=True, slots=True)
class Deal:
    """How a deal's end is read, and which leads it belongs to. Names are fields; "" is one that this CRM has not.

    The lead names its deal (`lead_field`), or the deal its leads (`leads_field`, ids with ";" between). `won` and
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a lead's end is read, and what counts as success: the milestone within so many days of its creation.

    `observe_days` None: as long as the longest count looks. `min_amount` None: a won deal of any amount is one.
    `priority` is the CRM's own order of leads: for the report, never a feature.
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


@dataclass(frozen=True, slots=True)
class Links:
    """How records find each other: leads their company (by domain or by id), activities their lead."""

    by: str = "id"
    lead: tuple[str, ...] = ()
    company: str = ""
    company_created: str = ""
    activity_lead: str = ""


@dataclass(frozen=True, slots=True)
class Mapping:
    """One connection's dictionary: which fields are read, what they mean, and where scores go.

    `version` is a hash over all that moves a score or an output; comments and layout do not. `lines` tells where the
    file names a field.
    """

    crm: str
    name: str
    version: str
    rules: tuple[Rule, ...]
    outcome: Outcome
    links: Links
    outputs: tuple[tuple[str, str], ...]  # (role, our field's name), in the order of design
    routes: tuple[tuple[str, str], ...]  # (grade, route)
    grades: Grades = DEFAULT  # of the next model; no part of `version`, for it moves no score of this one
    points: Scorecard = NO_RULES
    file: str = field(default="", compare=False)
    lines: Dict[Source, int] = field(default_factory=dict, compare=False, repr=False)

    @property
    def features(self) -> tuple[Feature, ...]:
        """The model's columns, in the order of the file."""
        return tuple(rule.feature for rule in self.rules)

    @property
    def observe_days(self) -> int:
        """How many days after its creation a lead is looked at when it is learned from."""
        if self.outcome.observe_days is not None:
            return self.outcome.observe_days
        return max((rule.count.window_days for rule in self.rules if rule.count), default=0)

    def inputs(self, entity: Entity) -> tuple[str, ...]:
        """Name the fields of the entity that features are made of."""
        reads = (source for rule in self.rules for source in rule.reads)
        return tuple(dict.fromkeys(source.field for source in reads if source.entity is entity))

    def source_fields(self, entity: Entity) -> tuple[str, ...]:
        """Name the fields to pull: none that the mapping does not use. Empty: the entity is not read at all."""
        needed = _needed(self.outcome, self.links, entity, used=bool(self.inputs(entity)))
        names = [*self.inputs(entity), *needed, *_reported(self.outcome, entity)]
        return tuple(dict.fromkeys(name for name in names if name))

    def optional_fields(self, entity: Entity) -> frozenset[str]:
        """Name the fields that a CRM may lack: those that only optional features use, or the report alone."""
        needed = {source for rule in self.rules if not rule.optional for source in rule.reads}
        optional = {source for rule in self.rules if rule.optional for source in rule.reads} - needed
        reported = {name for name in _reported(self.outcome, entity) if name} - set(self.inputs(entity))
        structural = set(_needed(self.outcome, self.links, entity, used=True))
        return (frozenset(source.field for source in optional if source.entity is entity) | reported) - structural

    def remembered_fields(self, entity: Entity) -> tuple[str, ...]:
        """Name the fields whose earlier values tell what was known of a lead at some time."""
        inputs, linking = self.inputs(entity), bool(self.inputs(Entity.COMPANY))
        match entity:
            case Entity.LEAD:
                links = self.links.lead if linking else ()
                names = (*inputs, *links, self.outcome.disqualified, self.outcome.priority)
            case Entity.COMPANY if linking:
                names = (*inputs, self.links.company)
            case _:
                names = inputs
        return tuple(dict.fromkeys(name for name in names if name))

    def output_fields(self) -> tuple[NewField, ...]:
        """Describe our fields, as they should exist on the lead."""
        routes = tuple(route for _, route in self.routes)
        return tuple(new_field(role, name, crm=self.crm, routes=routes) for role, name in self.outputs)

    def linker(self, entity: Entity, fields: Sequence[str]) -> Callable[[Sequence[str | None]], Key]:
        """Make the function that tells a record's (key, link) from its values, given in the order of `fields`.

        key: what leads point to (companies; None on all others). link: what the record points to: a lead its company's
        key, an activity its lead's id, a deal its leads' ids (";" between) if it knows them; else None.
        """
        places = {name: place for place, name in enumerate(fields)}
        how = domain_key if self.links.by == "domain" else exact_key
        match entity:
            case Entity.LEAD:
                own = [places[name] for name in self.links.lead if name in places]
                return lambda values: (None, next((link for place in own if (link := how(values[place]))), None))
            case Entity.COMPANY if self.links.company in places:
                company = places[self.links.company]
                return lambda values: (how(values[company]), None)
            case Entity.ACTIVITY if self.links.activity_lead in places:
                lead = places[self.links.activity_lead]
                return lambda values: (None, values[lead])
            case Entity.DEAL if self.outcome.deal.leads_field in places:
                leads = places[self.outcome.deal.leads_field]
                return lambda values: (None, values[leads])
            case _:
                return lambda _values: (None, None)


def _needed(outcome: Outcome, links: Links, entity: Entity, *, used: bool) -> tuple[str, ...]:
    """Name the fields that outcome and links need; of companies and activities only if features use them."""
    deal = outcome.deal
    match entity:
        case Entity.LEAD:
            own = (outcome.created, outcome.converted, outcome.converted_at, outcome.disqualified, deal.lead_field)
            return (*links.lead, *own)
        case Entity.COMPANY if used:
            return (links.company, links.company_created)
        case Entity.ACTIVITY if used:
            return (links.activity_lead,)
        case Entity.DEAL:
            made = deal.created if outcome.milestone != "won" else ""
            amount = deal.amount if outcome.min_amount is not None else ""
            return (deal.leads_field, made, deal.won, deal.closed, deal.closed_at, deal.stage, amount)
        case _:
            return ()


def _reported(outcome: Outcome, entity: Entity) -> tuple[str, ...]:
    """Name the fields that the report alone looks at: a CRM may lack them."""
    match entity:
        case Entity.LEAD:
            return (outcome.priority,)
        case Entity.DEAL:
            return (outcome.deal.amount,)
        case _:
            return ()
