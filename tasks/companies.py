"""What people are told of companies: how one stands and what that is made of, and how many wait."""

from typing import Any

from connector.crm import Entity
from connector.errors import Misconfigured
from tasks.screens import named
from tasks.store import company_scores, company_stale, models, records, scores
from tasks.store.company_scores import Known
from tasks.store.engine import Store
from tasks.store.scores import State
from tasks.verbs.score import POINTS
from tasks.wiring import Wiring

STANDINGS = {
    State.PENDING: "It waits to be written to the CRM: run `truegrade push`.",
    State.WRITTEN: "The CRM holds these values.",
    State.PARKED: "It waits to be written to the CRM until calls are left again.",
}
NONE_YET = "It has no open lead, and never had one: nothing is written to it."
NO_MODEL = "How likely any of its leads wins is not known: no model was learned yet, and points tell no likelihood."
NO_LINE = (
    "How likely any of its leads wins is not known: the model that scores was learned before the mapping gave "
    "companies values. `truegrade train` tells it how, and keeps that model unless a better one is learned."
)


def standing(wiring: Wiring, name: str) -> dict[str, int] | None:
    """Count the connection's companies by what became of their values; None where none gets any, or ever got."""
    store, mapping = wiring.store, wiring.mapping_if_valid(name)
    states = company_scores.by_state(store, name) if mapping is None or mapping.companies else None
    if not states:
        return None
    return {**states, "to_reckon": to_reckon(store, name)}


def to_reckon(store: Store, name: str) -> int:
    """Count the companies that are to be reckoned anew, as far as leads have been looked at."""
    with store.read() as tx:
        return company_stale.length(tx, name)


def explained(wiring: Wiring, name: str, company: str) -> dict[str, Any]:
    """Tell a company's values, where they stand, and the open leads that they are made of, the best one first."""
    store, mapping = wiring.store, wiring.mapping(name)
    known = company_scores.of_company(store, name, company)
    found = records.get(store, name, Entity.COMPANY, [company])
    if not found and known is None:
        raise Misconfigured(
            f"No company with the id {company} was pulled from {name}.",
            fix=f"Correct the id, or run `truegrade pull {name}` if it is new.",
        )
    if not mapping.companies:
        raise Misconfigured(f"The mapping of {name} gives companies nothing.", fix="Add a section companies to it.")
    current = models.current(store, name)
    calibration = current.card.get("companies") if current else None
    unknown = NO_MODEL if current is None or current.version == POINTS else NO_LINE
    return {
        "company": company,
        "connection": name,
        "standing": named(_standing(known), name),
        "values": company_scores.values(known.reckoned.outputs) if known else {},
        "likelihood": known.reckoned.likelihood if known else None,
        "calibration": calibration["told"] if calibration else unknown,
        "leads": _leads(wiring, name, found[0].key if found else None),
    }


def _standing(known: Known | None) -> str:
    if known is None:
        return NONE_YET
    if known.state == State.REFUSED:
        return f"The CRM refused it and holds older values, or none: {known.code}: {known.message}"
    return STANDINGS.get(State(known.state), "")


def _leads(wiring: Wiring, name: str, key: str | None) -> list[dict[str, Any]]:
    """Tell the open leads that point to the company, as the roll-up counts them today."""
    from mappings.frames.rolling_up import ROLE, open_leads  # noqa: PLC0415  a status loads no frames
    from tasks.verbs import frames  # noqa: PLC0415  as above

    mapping, store = wiring.mapping(name), wiring.store
    with store.read() as tx:
        rows = records.found(tx, name, Entity.LEAD, "link", {key} if key else set())
        linked = records.found(tx, name, Entity.COMPANY, "key", {key} if key else set())
    known = scores.known(store, name, [row.id for row in rows])
    companies = frames.frame(linked, mapping.source_fields(Entity.COMPANY))
    some = open_leads(mapping, frames.lead_frame(store, mapping, name, rows), companies, day=wiring.clock.now().date())
    group = [role.name for role in mapping.companies.group]
    told = [
        {
            "lead": row["id"],
            "score": known[row["id"]].score,
            "weeks": row["weeks"],
            "roles": [group[int(one.removeprefix(ROLE))] for one, has in row.items() if one.startswith(ROLE) and has],
        }
        for row in some.iter_rows(named=True)
        if row["id"] in known and known[row["id"]].score is not None
    ]
    return sorted(told, key=lambda lead: (-lead["score"], lead["lead"]))
