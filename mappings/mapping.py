"""A mapping as it is used: the dictionary of one connection. Holds plain values only; needs no Polars."""

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field

from connector.crm import Entity, NewField
from mappings.companies import NO_ROLL_UP, RollUp
from mappings.duplicates import NOT_SOUGHT, Duplicates
from mappings.enrichment import NO_ENRICHMENT, PREFIX, Enrichment, of_entity
from mappings.file.handing import NO_HANDOVER, Handover
from mappings.links import Key, domain_key, exact_key
from mappings.outputs import new_company_field, new_field
from mappings.parts import UNDECLARED, Junction, Links, Outcome, Privacy, Rule, Source
from mappings.ruling import NO_RULING, Ruling
from mappings.words import EARLIER
from model.features import Feature
from model.grades import DEFAULT, Grades
from model.scorecard import NO_RULES, Scorecard


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
    ruling: Ruling = NO_RULING
    handover: Handover = NO_HANDOVER  # no part of `version`, for it moves no score
    enrich: Enrichment = NO_ENRICHMENT
    privacy: Privacy = UNDECLARED  # moves no score: no part of `version`
    duplicates: Duplicates = NOT_SOUGHT  # no part of `version` either
    companies: RollUp = NO_ROLL_UP  # moves no score of a lead: no part of `version`
    language: str = "en"  # of all that goes to the CRM; in `version` only where it is another, for texts are outputs
    scored: str = "lead"  # what the records are that all of this calls leads: a word of `words.SCORED`

    @property
    def needs_history(self) -> bool:
        """Whether features are made of what closing overwrites, so that nothing may be learned without its history."""
        return self.scored == "deal" and self.crm == "hubspot"  # Salesforce's stages have an object with their history

    @property
    def features(self) -> tuple[Feature, ...]:
        """The model's columns, in the order of the file."""
        return tuple(rule.feature for rule in self.rules)

    @property
    def activities(self) -> tuple[Entity, ...]:
        """Name the kinds of record that are activities of leads, whether anything of them is read or not."""
        return (Entity.ACTIVITY, *(of.entity for of in self.links.objects))

    @property
    def through(self) -> Dict[Entity, Entity]:
        """Name the junction of each kind of activity that is read and has one."""
        found = {of.entity: of.through.entity for of in self.links.objects if of.through}
        return {kind: junction for kind, junction in found.items() if self.inputs(kind)}

    @property
    def entities(self) -> tuple[Entity, ...]:
        """Name what is read, what leads point to before what points to leads: so the first scoring finds it."""
        pairs = (self.outcome.deal.through.entity,) if self.outcome.deal.through else ()
        every = (Entity.COMPANY, Entity.LEAD, *self.activities, *self.through.values(), *pairs, Entity.DEAL)
        return tuple(entity for entity in every if self.source_fields(entity))

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

    @property
    def enriched(self) -> tuple[str, ...]:
        """Name the fields that enrichment adds to a lead, without their prefix: for features, or to be written back."""
        names = (name.removeprefix(PREFIX) for name in self.inputs(Entity.LEAD) if name.startswith(PREFIX))
        return tuple(dict.fromkeys((*names, *(one.name for one in self.enrich.write_back))))

    @property
    def earlier(self) -> tuple[str, ...]:
        """Name the facts of earlier leads that features are made of: words of `EARLIER`."""
        return tuple(name for name in self.inputs(Entity.LEAD) if name in EARLIER)

    def _pulled(self, entity: Entity) -> tuple[str, ...]:
        """Name the CRM's own fields that features are made of, those behind enriched ones too."""
        own = [name for name in self.inputs(entity) if not name.startswith(PREFIX) and name not in EARLIER]
        behind = (*self.enrich.read_offline(self.enriched), *self.enrich.keys(self.enriched))
        return tuple(dict.fromkeys((*own, *of_entity(entity, behind))))

    def _reads(self, entity: Entity) -> bool:
        """Tell whether records of the entity are read: for features or, of companies, because they get values."""
        return bool(self._pulled(entity)) or (entity is Entity.COMPANY and bool(self.companies))

    @property
    def behind_enriched(self) -> tuple[str, ...]:
        """Name the fields of the linked company that enrichment looks at."""
        behind = (*self.enrich.read_offline(self.enriched), *self.enrich.keys(self.enriched))
        return tuple(dict.fromkeys(of_entity(Entity.COMPANY, behind)))

    def source_fields(self, entity: Entity) -> tuple[str, ...]:
        """Name the fields to pull: none that the mapping does not use. Empty: the entity is not read at all."""
        needed = _needed(self.outcome, self.links, entity, used=self._reads(entity))
        told = (*self.handover.fields, *self._written_back(entity)) if entity is Entity.LEAD else ()
        beside = (*_reported(self.outcome, entity), *told, *self.duplicates.of(entity).fields)
        joined = next(([of.activity, of.lead] for of in self._junctions if of.entity == entity), [])
        names = [*self._pulled(entity), *needed, *beside, *joined]
        return tuple(dict.fromkeys(name for name in names if name))

    def optional_fields(self, entity: Entity) -> frozenset[str]:
        """Name the fields that a CRM may lack: those that only optional features use, or the report alone."""
        needed = {source for rule in self.rules if not rule.optional for source in rule.reads}
        optional = {source for rule in self.rules if rule.optional for source in rule.reads} - needed
        beside = (
            *_reported(self.outcome, entity), *self.duplicates.of(entity).fields, *self._written_back(entity)
        )  # fmt: skip
        reported = {name for name in beside if name} - set(self._pulled(entity))
        structural = set(_needed(self.outcome, self.links, entity, used=True))
        found = {source.field for source in optional if source.entity is entity}
        # What an enriched field looks at is a help, a key is asked for.
        looked_at = set(of_entity(entity, self.enrich.read_offline(self.enriched)))
        found |= looked_at - {source.field for source in needed if source.entity is entity}
        structural |= set(of_entity(entity, self.enrich.keys(self.enriched)))
        return frozenset(found | reported) - structural

    @property
    def _junctions(self) -> tuple[Junction, ...]:
        used = self.through
        of_deals = (self.outcome.deal.through,) if self.outcome.deal.through else ()
        return (*of_deals, *(of.through for of in self.links.objects if of.through and of.entity in used))

    def _written_back(self, entity: Entity) -> tuple[str, ...]:
        """Name the lead's fields that enriched values are written to: what they hold decides whether one is."""
        return tuple(one.field for one in self.enrich.write_back) if entity is Entity.LEAD else ()

    def remembered_fields(self, entity: Entity) -> tuple[str, ...]:
        """Name the fields whose earlier values tell what was known of a lead at some time."""
        inputs, linking = self._pulled(entity), self._reads(Entity.COMPANY)
        match entity:
            case Entity.LEAD:
                links = self.links.lead if linking else ()
                names = (*inputs, *links, self.outcome.disqualified, self.outcome.priority)
            case Entity.COMPANY if linking:
                names = (*inputs, self.links.company)
            case _:
                names = inputs
        return tuple(dict.fromkeys(name for name in names if name))

    @property
    def every_route(self) -> tuple[str, ...]:
        """Name the routes that leads may be sent to: by grade, then those of rules alone."""
        return tuple(dict.fromkeys((*(route for _, route in self.routes), *self.ruling.routes)))

    def output_fields(self) -> tuple[NewField, ...]:
        """Describe our fields, as they should exist on the lead."""
        routes = self.every_route
        return tuple(
            new_field(role, name, crm=self.crm, routes=routes, language=self.language) for role, name in self.outputs
        )

    def company_fields(self) -> tuple[NewField, ...]:
        """Describe our fields, as they should exist on the company; none where nothing is rolled up."""
        return tuple(
            new_company_field(role, name, crm=self.crm, language=self.language) for role, name in self.companies.outputs
        )

    @property
    def own_fields(self) -> Dict[Entity, tuple[NewField, ...]]:
        """Describe our fields as they should exist, by the entity that has them."""
        own = {Entity.LEAD: self.output_fields(), Entity.COMPANY: self.company_fields()}
        return {entity: fields for entity, fields in own.items() if fields}

    def linker(self, entity: Entity, fields: Sequence[str]) -> Callable[[Sequence[str | None]], Key]:
        """Make the function that tells a record's (key, link) from its values, given in the order of `fields`.

        key: what leads point to (companies), or the activity of a junction; None on all others. link: what the record
        points to: a lead its company's key, an activity and a deal the ids of their leads (";" between) if they know
        them; else None.
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
            case _ if entity in self.activities and _lead_field(self.links, entity) in places:
                lead = places[_lead_field(self.links, entity)]
                return lambda values: (None, values[lead] or None)
            case _ if joined := [(of.activity, of.lead) for of in self._junctions if of.entity == entity]:
                activity, lead = (places[name] for name in joined[0])
                return lambda values: (values[activity] or None, values[lead] or None)
            case Entity.DEAL if self.outcome.deal.leads_field in places:
                leads = places[self.outcome.deal.leads_field]
                return lambda values: (None, values[leads])
            case _:
                return lambda _values: (None, None)


def _lead_field(links: Links, entity: Entity) -> str:
    """Name the field of an activity with the lead's id."""
    return next((of.lead for of in links.objects if of.entity is entity), links.activity_lead)


def _needed(outcome: Outcome, links: Links, entity: Entity, *, used: bool) -> tuple[str, ...]:
    """Name the fields that outcome and links need; of companies and activities only if features use them."""
    deal = outcome.deal
    match entity:
        case Entity.LEAD:
            own = (outcome.created, outcome.converted, outcome.converted_at, outcome.disqualified, deal.lead_field)
            ends = _ends(outcome) if deal.own else ()
            return (*links.lead, *own, *(of.converted for of in links.objects), *ends)
        case Entity.COMPANY if used:
            return (links.company, links.company_created)
        case _ if used and entity not in (Entity.COMPANY, Entity.DEAL):
            return (_lead_field(links, entity),)
        case Entity.DEAL if not deal.own:
            return _ends(outcome)
        case _:
            return ()


def _ends(outcome: Outcome) -> tuple[str, ...]:
    """Name the fields that tell how deals end, and whose they are."""
    deal = outcome.deal
    made = deal.created if outcome.milestone != "won" else ""
    amount = deal.amount if outcome.min_amount is not None else ""
    return (deal.leads_field, made, deal.won, deal.closed, deal.closed_at, deal.stage, amount)


def _reported(outcome: Outcome, entity: Entity) -> tuple[str, ...]:
    """Name the fields that the report alone looks at: a CRM may lack them."""
    match entity:
        case Entity.LEAD:
            return (outcome.priority, outcome.deal.amount if outcome.deal.own else "")
        case Entity.DEAL if not outcome.deal.own:
            return (outcome.deal.amount,)
        case _:
            return ()
