"""What a preview says is what a push then does: on both simulated CRMs, for generated worlds, mappings and edits."""

from contextlib import contextmanager
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.clock import SystemClock
from connector.crm import Entity
from connector.errors import Misconfigured
from connector.simulator.spec import build
from mappings.file.load import preset_text
from tasks import previews, promotion, run
from tasks.lease import Held
from tasks.provisioning import provisioned
from tasks.store import records, scores
from tasks.store import refusals as kept
from tasks.verbs.own_fields import equal
from tasks.verbs.push import push
from tests.journeys.conftest import Installation, spec

TABLES = {"salesforce": "Lead", "hubspot": "contacts"}
EDITS = {"salesforce": {"Title": "Chief Executive Officer"}, "hubspot": {"jobtitle": "Chief Executive Officer"}}
RULE = """
rules:
  list:
    - {name: managers, when: {feature: seniority, is: manager}, grade: A, route: sales, because: a manager}
"""
CHANGES = (
    ("\nroutes:", f"{RULE}\nroutes:"),
    ("seniority, is: manager, points: 10", "seniority, is: manager, points: 45"),
    ("employees, from: 100, points: 15", "employees, from: 30, points: 40"),
    ("caps: {fit: 60, engagement: 40}", "caps: {fit: 90, engagement: 10}"),
    ("D: nurture}", "D: disqualify}"),
    ("C: nurture", "C: sales"),
)


class House:
    """An installation in this process, on a simulator of its own."""

    def __init__(self, installation, crm):
        self.installation, self.name = installation, crm
        self.wiring = installation.wiring()
        self.simulated = getattr(installation.simulator, crm)
        provisioned(self.wiring, crm, dry_run=False)

    def pulled_scored_and_pushed(self):
        run.pull(self.wiring, self.name)
        run.score(self.wiring, self.name)
        run.push(self.wiring, self.name)

    def edit(self, leads):
        for lead in leads:
            self.simulated.edit(TABLES[self.name], lead, EDITS[self.name])
        run.pull(self.wiring, self.name)

    def leads(self, number):
        return self.simulated.pick(TABLES[self.name], limit=number, seed=5)

    def candidate(self, *changes):
        text = preset_text(self.name)
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path = self.installation.home / "candidate.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    def preview(self, **how):
        rows = []
        told = previews.preview(self.wiring, self.name, **how, export=lambda _, made: rows.extend(made) or len(rows))
        return told, {row["lead"]: row for row in rows}

    def in_crm(self):
        return self.simulated.snapshot(TABLES[self.name])

    def sent_without_looking(self):
        """Push as the verb does, without the look at the describe that a command takes first."""
        with self.wiring.crm(self.name) as crm:
            how = {"connection": self.name, "clock": self.wiring.clock, "held": Held("me")}
            return push(crm, self.wiring.store, **how)


def untrue(row, held, *, but=()):
    """Name the fields of which a row of a preview said something else than the record holds."""
    new = {name.removeprefix("new "): value for name, value in row.items() if name.startswith("new ")}
    return [name for name, value in new.items() if not _is_named(name, but) and not _same(held.get(name), value)]


def _same(held, value):
    return equal(None if held is None else str(held), value)


def _is_named(field, roles):
    return field.lower().removesuffix("__c").endswith(roles)


@pytest.fixture
def open_house(tmp_path):
    numbers = count()

    @contextmanager
    def opened(crm, *, leads=120, seed=3):
        with build(spec(crms=(crm,), leads=leads, seed=seed), SystemClock()) as simulator:
            house = House(Installation(tmp_path / f"home {next(numbers)}", simulator, (crm,)), crm)
            yield house
            house.wiring.store.close()

    return opened


@settings(max_examples=6)
@given(
    crm=st.sampled_from(["salesforce", "hubspot"]),
    seed=st.integers(1, 50),
    changes=st.sets(st.sampled_from(CHANGES), min_size=1),
    edited=st.integers(0, 9),
    waits=st.booleans(),
)
def test_previewed_values_are_those_that_are_pushed_for_every_lead(open_house, crm, seed, changes, edited, waits):
    with open_house(crm, seed=seed) as house:
        house.pulled_scored_and_pushed()
        house.edit(house.leads(edited) if edited else [])
        if waits:
            run.score(house.wiring, crm)  # so that scores of today's mapping wait, and are replaced
        before = house.in_crm()
        path = house.candidate(*sorted(changes))

        told, rows = house.preview(file=path)
        assert house.in_crm() == before
        promotion.promote(house.wiring, crm, path, because="it is better")
        scored = run.score(house.wiring, crm)
        pushed = run.push(house.wiring, crm)

        after = house.in_crm()
        assert (told["looked_at"], told["leads"]) == (len(rows), len(rows))
        assert (pushed["written"], pushed["refused"]) == (told["write"], told["refused"]) == (told["rows"], 0)
        assert scored["excluded"] == told["excluded"]
        for lead, row in rows.items():
            if row["end"] == "write":
                assert untrue(row, after[lead], but=("scored_at",)) == [], lead
            elif row["end"] == "unchanged":
                assert untrue(row, after[lead], but=("scored_at", "model")) == [], lead
            else:
                assert row["end"] == "excluded"
                assert after[lead] == before[lead]


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_a_preview_of_what_is_in_force_tells_what_a_sync_would_write(open_house, crm):
    with open_house(crm) as house:
        house.pulled_scored_and_pushed()
        house.edit(house.leads(4))

        told, rows = house.preview()
        run.score(house.wiring, crm)
        waiting = previews.waiting(house.wiring, crm)
        pushed = run.push(house.wiring, crm)

        assert pushed["written"] == told["write"] == waiting["write"] > 0
        after = house.in_crm()
        written = [lead for lead, row in rows.items() if row["end"] == "write"]
        assert not any(untrue(rows[lead], after[lead], but=("scored_at",)) for lead in written)
        assert previews.waiting(house.wiring, crm)["looked_at"] == 0


def test_a_preview_keeps_nothing(open_house):
    with open_house("hubspot") as house:
        run.pull(house.wiring, "hubspot")

        told, rows = house.preview()

        assert told["write"] + told["excluded"] == len(rows)
        assert scores.by_state(house.wiring.store, "hubspot") == {}
        assert house.installation.simulator.log.count("hubspot", "write") == 0


def test_a_sample_is_the_same_each_time_and_reckons_for_all(open_house):
    with open_house("hubspot") as house:
        run.pull(house.wiring, "hubspot")

        told, rows = house.preview(sample=30)
        again, same = house.preview(sample=30)

        assert rows.keys() == same.keys()
        assert (told["looked_at"], told["leads"]) == (30, 120)
        assert told["rows"] == again["rows"] == 4 * told["write"]


def test_a_segment_is_looked_at_alone(open_house):
    with open_house("salesforce") as house:
        run.pull(house.wiring, "salesforce")
        industries = {lead: values["Industry"] for lead, values in house.in_crm().items()}
        [industry, *_] = sorted(set(industries.values()) - {None})

        told, rows = house.preview(where=[f"Industry={industry}"])

        assert rows.keys() == {lead for lead, held in industries.items() if held == industry}
        assert told["leads"] == told["looked_at"] == len(rows)


def refusals(house):
    """Predict, then push without looking first; returns the codes by lead of both."""
    told, rows = house.preview()
    run.score(house.wiring, house.name)
    waiting = previews.waiting(house.wiring, house.name)
    house.sent_without_looking()
    actual = {one.lead_id: one.code for one in kept.every(house.wiring.store, house.name)}
    foreseen = {lead: row["refused_code"] for lead, row in rows.items() if row["end"] == "refused"}
    assert told["refused"] == waiting["refused"] == len(foreseen)
    assert {one["code"] for one in told["refusals"]} == {one["code"] for one in waiting["refusals"]}
    return foreseen, actual


def test_refusals_of_salesforce_s_picklists_and_short_texts_come_as_foreseen(open_house):
    with open_house("salesforce") as house:
        run.pull(house.wiring, "salesforce")
        fields = house.simulated._state.fields("Lead")
        offered = [{"value": grade, "label": grade, "active": True} for grade in ("A", "B", "C")]
        fields["TG_Grade__c"] |= {"type": "picklist", "restrictedPicklist": True, "picklistValues": offered}
        fields["TG_Top_Reason__c"]["length"] = 24
        fields["TG_Engagement__c"]["precision"] = 1
        house.simulated._state.access.clear()

        foreseen, actual = refusals(house)

        assert foreseen == actual
        assert set(actual.values()) == {
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "STRING_TOO_LONG",
            "NUMBER_OUTSIDE_VALID_RANGE",
        }


@pytest.mark.parametrize("take", ["hide_field", "read_only_field"])
def test_a_field_that_salesforce_s_user_may_not_write_stops_the_push_as_foreseen(open_house, take):
    with open_house("salesforce") as house:
        run.pull(house.wiring, "salesforce")
        getattr(house.simulated, take)("integration", "Lead", "TG_Fit__c")

        told, rows = house.preview()

        assert told["refused"] == len([row for row in rows.values() if row["end"] != "excluded"]) > 0
        assert {row["refused_field"] for row in rows.values()} - {None} == {"TG_Fit__c"}
        assert any("TG_Fit__c" in lacking for lacking in told["not_ready"])


def test_refusals_of_hubspot_s_options_come_as_foreseen(open_house):
    with open_house("hubspot") as house:
        path = house.candidate(("D: nurture}", "D: somebody_else}"))
        run.pull(house.wiring, "hubspot")
        promotion.promote(house.wiring, "hubspot", path, because="a new route")

        foreseen, actual = refusals(house)

        assert foreseen == actual
        assert set(actual.values()) == {"INVALID_OPTION"}


BACK = {"salesforce": ("Email", "Fax"), "hubspot": ("email", "fax")}
SECTION = """
enrich:
  - name: towns
    table: towns.csv
    key: exact
    of: {mail}
    column: mail
    fields: {{town: Town}}
    write_back: {{town: {fax}}}
"""


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_previewed_values_for_fields_of_the_crm_s_own_are_those_that_are_pushed(open_house, crm):
    mail, fax = BACK[crm]
    with open_house(crm, leads=60) as house:
        house.pulled_scored_and_pushed()
        mails = [values[mail] for values in house.in_crm().values() if values[mail]]
        towns = [f"{one},{'x' * 20 if place % 2 else 'Oslo'}" for place, one in enumerate(mails)]
        (house.installation.home / "towns.csv").write_text("\n".join(["mail,Town", *towns]), encoding="utf-8")
        if crm == "salesforce":
            house.simulated._state.fields("Lead")[fax]["length"] = 10
            house.simulated._state.access.clear()
        path = house.candidate(("\nroutes:", f"{SECTION.format(mail=mail, fax=fax)}\nroutes:"))

        promotion.promote(house.wiring, crm, path, because="towns")
        run.pull(house.wiring, crm)
        told, rows = house.preview()
        run.score(house.wiring, crm)
        run.push(house.wiring, crm)

        after = house.in_crm()
        foretold = {lead: row[f"new {fax}"] for lead, row in rows.items() if row[f"new {fax}"]}
        refused = {lead for lead, row in rows.items() if row["refused_field"] == fax}
        assert {lead: values[fax] for lead, values in after.items() if values[fax]} == {
            lead: value for lead, value in foretold.items() if lead not in refused
        }
        assert bool(refused) == (crm == "salesforce")
        assert {one["code"] for one in told["refusals"]} == ({"STRING_TOO_LONG"} if refused else set())


def test_a_candidate_that_reads_what_was_not_pulled_says_so(open_house):
    with open_house("salesforce") as house:
        run.pull(house.wiring, "salesforce")
        path = house.candidate(
            ("\nfeatures:\n", "\nfeatures:\n  - {name: street, from: Street, kind: category, family: fit}\n")
        )

        told, _ = house.preview(file=path)

        assert told["unpulled"] == [f"{Entity.LEAD.value} Street"]
        assert (
            promotion.promote(house.wiring, "salesforce", path, because="streets")
            .next_steps[0]
            .startswith("The next sync reads what was not pulled yet: lead Street")
        )


TOWNS = {"salesforce": "[City, company.BillingCity]", "hubspot": "[city, company.city]"}


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_fields_that_no_pull_has_read_are_fetched_for_a_sample_and_score_as_they_will_once_pulled(open_house, crm):
    town = f"  - {{name: town, kind: category, family: fit, from: {TOWNS[crm]}}}"
    with open_house(crm) as house:
        house.pulled_scored_and_pushed()
        path = house.candidate(
            ("\nfeatures:\n", f"\nfeatures:\n{town}\n"),
            ("\n  rules:\n", "\n  rules:\n    - {feature: town, present: true, points: 12}\n"),
        )
        before, said = stored(house), []

        with pytest.raises(Misconfigured, match="no pull has read it yet"):
            house.preview(file=path, where=[f"{TOWNS[crm][1:5]}=Paris"])
        told, rows = house.preview(file=path, sample=120, say=said.append)
        _, empty = house.preview(file=path)

        assert len(told["fetched"]["fields"]) == 2
        assert (told["unpulled"], told["fetched"]["leads"]) == ([], 120)
        assert len(said) == 1
        assert stored(house) == before
        assert any(row != empty[lead] for lead, row in rows.items())
        promotion.promote(house.wiring, crm, path, because="towns")
        house.pulled_scored_and_pushed()
        after = house.in_crm()
        written = [lead for lead, row in rows.items() if row["end"] == "write"]
        assert written
        assert not any(untrue(rows[lead], after[lead], but=("scored_at",)) for lead in written)


def stored(house):
    found = (
        records.chunks(house.wiring.store, house.name, entity, size=500) for entity in (Entity.LEAD, Entity.COMPANY)
    )
    return [row for chunks in found for chunk in chunks for row in chunk]


def test_a_preview_tells_what_promotion_would_refuse(open_house):
    with open_house("salesforce", leads=30) as house:
        run.pull(house.wiring, "salesforce")
        (house.installation.home / "towns.csv").write_text("mail,Town\na@b.example,Banking\n", encoding="utf-8")
        path = house.candidate(("\nroutes:", f"{SECTION.format(mail='Email', fax='Industry')}\nroutes:"))

        told, _ = house.preview(file=path)
        well, _ = house.preview()

        [lacking] = told["promote_refuses"]
        assert "cannot be written back to Industry" in lacking
        assert well["promote_refuses"] == []
        with pytest.raises(Misconfigured, match="cannot be written back to Industry"):
            promotion.promote(house.wiring, "salesforce", path, because="towns")


def test_before_the_first_model_a_preview_says_what_waits_for_it(open_house):
    with open_house("salesforce", leads=40) as house:
        house.pulled_scored_and_pushed()
        town = "  - {name: town, kind: category, family: fit, from: City}"
        path = house.candidate(
            ("\nfeatures:\n", f"\ngrades: {{by: capacity, A: 40, B: 100, C: 200}}\nfeatures:\n{town}\n")
        )

        told, _ = house.preview(file=path)

        capacity, supply, idle = told["steps"]
        assert "count from the first model on" in capacity
        assert "exceeds the supply: A takes in all that are left" in supply
        assert idle.endswith("moves no score: town. A model learns from it.")
