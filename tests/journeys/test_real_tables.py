"""Real lead and deal tables, served as a CRM and run through the whole job from the CRM's side.

Split forward in time, as the card's back-test does. The figures to reach are those of the best CatBoost model measured
on the same split with the honest columns: within 0.02 of them. Of the two large tables the quick recipe learns, which
must come near them; how near the full one comes there, `./dev bench model` measures. Columns that exist only because
of the outcome are not mapped.
"""

from dataclasses import dataclass

import pytest

from connector.clock import SystemClock
from connector.simulator.spec import Contents, Spec, Table, build
from connector.simulator.tables import api_name
from tasks import run
from tasks.provisioning import provisioned
from tasks.store import models, scores
from tests.journeys.conftest import LIMITS_OFF, Installation


@dataclass(frozen=True)
class Case:
    """A table: where it is, how it is served, which columns are honest, and the AUC measured on them."""

    file: str
    crm: str
    outcome: str
    positive: str
    numbers: tuple[str, ...]
    categories: tuple[str, ...]
    leaking: tuple[str, ...]
    best_auc: float
    near: float = 0.02
    recipe: str = "quick"
    time: str | None = None
    sep: str = ","


CASES = {
    "x_education": Case(
        file="x_education/Leads.csv",
        crm="salesforce",
        outcome="Converted",
        positive="1",
        time="Lead Number",
        numbers=("TotalVisits", "Total Time Spent on Website", "Page Views Per Visit"),
        categories=(
            "Lead Origin", "Lead Source", "Do Not Email", "Do Not Call", "Country", "Specialization",
            "How did you hear about X Education", "What is your current occupation",
            "What matters most to you in choosing a course", "Search", "Newspaper Article", "X Education Forums",
            "Newspaper", "Digital Advertisement", "Through Recommendations", "City",
            "A free copy of Mastering The Interview",
        ),
        leaking=("Tags", "Lead Quality", "Lead Profile", "Last Activity", "Last Notable Activity"),
        best_auc=0.9005,
        recipe="full",
    ),
    "ibm_winloss": Case(
        file="ibm_winloss/sales_win_loss_78025.csv.gz",
        crm="salesforce",
        outcome="Opportunity Result",
        positive="Won",
        time="Opportunity Number",
        numbers=("Opportunity Amount USD",),
        categories=(
            "Supplies Group", "Supplies Subgroup", "Region", "Route To Market", "Client Size By Revenue (USD)",
            "Client Size By Employee Count", "Revenue From Client Past Two Years (USD)", "Competitor Type",
            "Deal Size Category (USD)",
        ),
        leaking=("Elapsed Days In Sales Stage", "Sales Stage Change Count", "Total Days Identified Through Closing"),
        best_auc=0.8437,
        near=0.05,
    ),
    "bank_marketing": Case(
        file="bank_marketing/bank-additional-full.csv.gz",
        crm="hubspot",
        outcome="y",
        positive="yes",
        sep=";",
        numbers=(
            "age", "campaign", "pdays", "previous", "emp.var.rate", "cons.price.idx", "cons.conf.idx", "euribor3m",
            "nr.employed",
        ),
        categories=(
            "job", "marital", "education", "default", "housing", "loan", "contact", "month", "day_of_week", "poutcome",
        ),
        leaking=("duration",),
        best_auc=0.7500,
    ),
}  # fmt: skip

PREFACE = {
    "salesforce": """\
outcome:
  milestone: won
  horizon_days: 90
  created: CreatedDate
  converted: IsConverted
  converted_at: ConvertedDate
  deal: {lead_field: ConvertedOpportunityId, won: IsWon, closed: IsClosed, closed_at: CloseDate}
""",
    "hubspot": """\
outcome:
  milestone: won
  horizon_days: 90
  created: createdate
  converted: lifecyclestage
  converted_values: [customer]
  deal: {leads_field: associations.contacts, won: hs_is_closed_won, closed: hs_is_closed, closed_at: closedate}
""",
}


def field(case, column):
    name = api_name(column)
    return f"{name}__c" if case.crm == "salesforce" else name.lower()


def mapping(case):
    """Write the mapping that RevOps would write for this table."""
    lines = ["version: 1", f"crm: {case.crm}", PREFACE[case.crm], "features:"]
    for number, column in enumerate(case.numbers):
        lines.append(
            f'  - {{name: n{number}, label: "{column}", kind: number, family: fit, from: {field(case, column)}}}'
        )
    for number, column in enumerate(case.categories):
        lines.append(
            f'  - {{name: c{number}, label: "{column}", kind: category, family: fit, from: {field(case, column)}}}'
        )
    return "\n".join(lines) + "\n"


@pytest.mark.tables
@pytest.mark.timeout(840)
@pytest.mark.parametrize("name", CASES)
def test_a_real_table_runs_through_the_whole_job_as_well_as_it_can_be_learned(
    name, real_tables, tmp_path, record_property
):
    case = CASES[name]
    table = Table(
        path=str(real_tables / case.file),
        outcome=case.outcome,
        positive=case.positive,
        name=name,
        time=case.time,
        sep=case.sep,
    )
    contents = Contents(table=table, options=LIMITS_OFF if case.crm == "hubspot" else {})
    simulator = build(Spec(**{case.crm: contents}), SystemClock())
    with simulator:
        home = Installation(tmp_path / "home", simulator, (case.crm,))
        (home.home / "table.yaml").write_text(mapping(case), encoding="utf-8")
        connections = home.home / "connections.yaml"
        connections.write_text(
            connections.read_text().replace(f"mapping: {case.crm}", "mapping: table.yaml"), encoding="utf-8"
        )
        wiring = home.wiring(recipe=case.recipe)
        provisioned(wiring, case.crm, dry_run=False)

        synced = run.sync(wiring, case.crm, train=True)

        figures = models.current(wiring.store, case.crm).card["figures"]
        states = scores.by_state(wiring.store, case.crm)
        read = set(wiring.mapping(case.crm).source_fields("lead"))
        wiring.store.close()
    ended = ", ".join(f"{count:,} {state}" for state, count in states.items())
    best = f"best measured {case.best_auc:.4f}"
    told = f"{name} as a {case.crm}: AUC {figures['auc']:.4f}, {case.recipe} recipe ({best}); leads: {ended}"
    record_property("shown", told)
    assert figures["auc"] > case.best_auc - case.near
    assert synced.pushed.counts.written > 0
    assert synced.reconciles()
    assert not read & {field(case, column) for column in case.leaking}
