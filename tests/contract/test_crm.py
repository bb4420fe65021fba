"""What `connector.crm.CRM` promises, held against both adapters; each test runs once on either simulated CRM."""

from dataclasses import replace
from datetime import timedelta

import pytest

from connector.crm import Entity, Kind, Outcome, Page, Part, Provisioned, Update
from connector.errors import ConnectorError, Misconfigured, Retryable
from tests.contract.conftest import WRONG

LEAD = Entity.LEAD


def by_id(pages):
    return {record.id: record for page in pages for record in page.records}


def living(pages):
    return {record.id: record.values for page in pages for record in page.records if record.gone is None}


def test_the_describe_lists_what_the_user_sees(crm, account):
    fields = {field.name: field for field in crm.describe(LEAD)}

    assert fields[account.title].kind is Kind.TEXT
    assert fields[account.title].writable
    assert fields[account.stage].kind is Kind.OPTION
    assert fields[account.stage].options
    assert account.score not in fields


def test_the_describe_is_asked_once(crm, account):
    crm.describe(LEAD)
    before = account.calls()

    crm.describe(LEAD)

    assert account.calls() == before


@pytest.mark.parametrize("count", [1, 2, 5])
def test_parts_together_are_everything(crm, account, count):
    parts = [set(by_id(crm.everything(LEAD, (account.title,), Part(index, count)))) for index in range(count)]

    assert set.union(*parts) == set(account.held())
    assert sum(map(len, parts)) < 1.5 * len(account.held())


@pytest.mark.parametrize("count", [1, 3])
def test_a_part_that_broke_off_is_gone_on_with_and_nothing_is_missed(account, crm, count):
    for index in range(count):
        pages = list(crm.everything(LEAD, (account.title,), Part(index, count)))
        seen = set()
        for page in pages:
            seen |= {record.id for record in page.records}
            rest = by_id(crm.everything(LEAD, (account.title,), Part(index, count, page.reached)))
            assert seen | set(rest) == set(by_id(pages))


def test_everything_is_read_once(crm, account):
    read = [record.id for page in crm.everything(LEAD, (account.title,), Part()) for record in page.records]

    assert sorted(read) == sorted(account.held())


def test_values_are_canonical_text(crm, account):
    lead = account.some(1)[0]
    account.edit(lead, **{account.title: None})

    [record] = crm.get(LEAD, (account.title, account.email), [lead]).records

    assert record.values == (None, account.held()[lead][account.email])
    assert record.gone is None


def test_values_are_the_same_by_every_road(crm, account, clock):
    names = (account.title, account.email, account.stage)
    cursor = crm.start(LEAD)
    account.same_stamp(list(account.held()))
    clock.advance(timedelta(minutes=1))

    listed = by_id(crm.everything(LEAD, names, Part()))
    changed = by_id(crm.changed(LEAD, names, cursor))
    got = by_id([crm.get(LEAD, names, list(listed))])

    assert set(listed) == set(account.held())
    assert changed == got
    assert {one: record.values for one, record in changed.items()} == {
        one: record.values for one, record in listed.items()
    }


def test_ids_that_do_not_exist_are_gone(crm, account):
    gone, kept = account.some(2)
    account.delete(gone)

    page = crm.get(LEAD, (account.title,), [gone, kept])

    assert {record.id: record.gone for record in page.records} == {gone: "deleted", kept: None}


def test_a_quiet_account_costs_one_call(crm, account, clock):
    clock.advance(timedelta(hours=1))
    cursor = crm.start(LEAD)
    crm.describe(LEAD)
    clock.advance(timedelta(hours=1))
    before = account.calls()

    pages = list(crm.changed(LEAD, (account.title,), cursor))

    assert [page.records for page in pages] == [()]
    assert isinstance(pages[0], Page)
    assert account.calls() - before == 1


def test_a_quiet_account_costs_a_new_connection_one_call_too(account, clock):
    clock.advance(timedelta(hours=1))
    cursor = account.connect().start(LEAD)
    clock.advance(timedelta(hours=1))
    before = account.api_calls()

    pages = list(account.connect().changed(LEAD, (account.title, account.email), cursor))

    assert [page.records for page in pages] == [()]
    assert account.api_calls() - before == 1


def test_living_records_are_counted(crm, account, clock):
    gone = account.some(3)
    clock.advance(timedelta(minutes=1))
    before = crm.count(LEAD)
    for lead in gone:
        account.delete(lead)
    clock.advance(timedelta(minutes=1))

    counted = crm.count(LEAD)

    assert before == len(account.held()) + len(gone)
    assert counted == len(account.held())
    assert crm.count(Entity.COMPANY) == len(by_id(crm.everything(Entity.COMPANY, (), Part())))


def test_counting_takes_one_call(account):
    crm = account.connect()
    before = account.api_calls()

    crm.count(LEAD)

    assert account.api_calls() - before == 1


def test_every_change_is_told(crm, account, clock):
    cursor = crm.start(LEAD)
    edited = account.some(7)
    for lead in edited:
        account.name_title(lead, "Head of Change")
    clock.advance(timedelta(minutes=1))

    told = living(crm.changed(LEAD, (account.title,), cursor))

    assert {lead: told[lead] for lead in edited} == dict.fromkeys(edited, ("Head of Change",))


def test_more_equal_stamps_than_a_page_holds_are_all_told(crm, account, clock):
    cursor = crm.start(LEAD)
    account.same_stamp(list(account.held()))
    clock.advance(timedelta(minutes=1))

    assert set(living(crm.changed(LEAD, (account.title,), cursor))) == set(account.held())


def test_reading_can_stop_after_any_page(crm, account, clock):
    cursor = crm.start(LEAD)
    account.same_stamp(list(account.held()))
    clock.advance(timedelta(minutes=1))
    total = len(list(crm.changed(LEAD, (account.title,), cursor)))

    for stop in range(1, total + 1):
        read = {}
        for page, _ in zip(crm.changed(LEAD, (account.title,), cursor), range(stop), strict=False):
            read |= living([page])
            kept = page.cursor
        read |= living(account.connect().changed(LEAD, (account.title,), kept))

        assert set(read) == set(account.held())


def test_what_changes_while_we_read_is_told_in_the_end(crm, account, clock):
    cursor = crm.start(LEAD)
    leads = account.some(100)
    account.same_stamp(leads)
    clock.advance(timedelta(minutes=1))
    seen = {}

    for page in crm.changed(LEAD, (account.title,), cursor):
        seen |= living([page])
        account.name_title(leads[0], "Moved meanwhile")
        cursor = page.cursor
    clock.advance(timedelta(minutes=1))
    for page in crm.changed(LEAD, (account.title,), cursor):
        seen |= living([page])

    assert set(leads) <= set(seen)
    assert seen[leads[0]] == ("Moved meanwhile",)


def test_deletions_are_told_by_the_sweep_at_the_latest(crm, account, clock):
    cursor, since = crm.start(LEAD), clock.now()
    gone = account.some(3)
    clock.advance(timedelta(minutes=1))
    for lead in gone:
        account.delete(lead)
    clock.advance(timedelta(minutes=10))

    told = by_id(crm.changed(LEAD, (account.title,), cursor)) | by_id(crm.removed(LEAD, since))

    assert {lead: told[lead].gone for lead in gone} == dict.fromkeys(gone, "deleted")


def test_a_merge_names_the_survivor(crm, account, clock):
    cursor = crm.start(LEAD)
    winner, loser = account.some(2)
    survivor = account.merge(winner, loser)
    clock.advance(timedelta(minutes=10))

    told = by_id(crm.changed(LEAD, (account.title,), cursor))

    assert (told[loser].gone, told[loser].merged_into) == ("merged", survivor)
    assert told[survivor].gone is None


def test_a_field_that_is_not_there_is_no_empty_field(crm, account):
    with pytest.raises(Misconfigured, match="No_Such_Thing"):
        list(crm.everything(LEAD, (account.title, "No_Such_Thing"), Part()))


@pytest.mark.parametrize("expected", [120, 50_000])
def test_values_are_written_and_each_row_has_one_outcome(ready, expected):
    leads = ready.some(120)
    updates = [Update(lead, {ready.score: at % 99, ready.reason: 'Büro, "groß"'}) for at, lead in enumerate(leads)]

    written = list(ready.connect().write(LEAD, iter(updates), expected=expected))

    assert sorted(row.id for row in written) == sorted(leads)
    assert {row.outcome for row in written} == {Outcome.WRITTEN}
    held = ready.held()
    assert {lead: float(held[lead][ready.score]) for lead in leads} == {
        lead: float(at % 99) for at, lead in enumerate(leads)
    }
    assert {held[lead][ready.reason] for lead in leads} == {'Büro, "groß"'}


def test_none_clears_a_field_and_others_stay(ready):
    crm, [lead] = ready.connect(), ready.some(1)
    list(crm.write(LEAD, [Update(lead, {ready.score: 7, ready.reason: "Why"})], expected=1))
    title = ready.held()[lead][ready.title]

    list(crm.write(LEAD, [Update(lead, {ready.reason: None})], expected=1))

    held = ready.held()[lead]
    assert (float(held[ready.score]), held[ready.reason] or None, held[ready.title]) == (7.0, None, title)


def test_rows_that_cannot_be_written_do_not_harm_the_others(ready):
    gone, *others = ready.some(20)
    ready.delete(gone)

    rows = ready.connect().write(LEAD, [Update(lead, {ready.score: 5}) for lead in (gone, *others)], expected=20)
    written = {row.id: row for row in rows}

    assert written[gone].outcome is Outcome.DELETED
    assert {written[lead].outcome for lead in others} == {Outcome.WRITTEN}


def test_writing_twice_ends_as_writing_once(ready):
    crm = ready.connect()
    updates = [Update(lead, {ready.score: 5, ready.reason: "Why"}) for lead in ready.some(30)]
    first = list(crm.write(LEAD, updates, expected=30))
    held = {lead: (row[ready.score], row[ready.reason]) for lead, row in ready.held().items()}

    second = list(crm.write(LEAD, updates, expected=30))

    assert sorted(first) == sorted(second)
    assert {lead: (row[ready.score], row[ready.reason]) for lead, row in ready.held().items()} == held


def test_writing_is_lazy(ready):
    taken = []

    def updates():
        for lead in ready.held():
            taken.append(lead)
            yield Update(lead, {ready.score: 5})

    outcomes = ready.connect().write(LEAD, updates(), expected=len(ready.held()))
    next(outcomes)

    assert len(taken) <= 200 < len(ready.held())


def test_fields_are_made_once(account):
    admin = account.connect("admin")
    names = tuple(field.name for field in account.fields)

    planned = admin.ensure_fields(LEAD, account.fields, dry_run=True)
    assert planned.created == names

    made = admin.ensure_fields(LEAD, account.fields, dry_run=False)
    again = admin.ensure_fields(LEAD, account.fields, dry_run=False)

    assert made.created == names
    assert again == Provisioned((), names, ())
    seen = {field.name: field for field in account.connect().describe(LEAD)}
    assert [(seen[name].kind, seen[name].writable) for name in names] == [(Kind.NUMBER, True), (Kind.TEXT, True)]


def test_a_name_that_is_taken_by_another_kind_is_refused(account):
    taken = replace(account.fields[0], name=account.title)

    with pytest.raises(Misconfigured, match=account.title):
        account.connect("admin").ensure_fields(LEAD, (*account.fields, taken), dry_run=False)

    assert account.score not in {field.name for field in account.connect("admin").describe(LEAD)}


def test_the_budget_is_told(crm):
    crm.describe(LEAD)

    budget = crm.budget()

    assert budget.limit
    assert 0 < budget.used < budget.limit


def test_every_call_is_counted(crm, account):
    crm.describe(LEAD)
    account.fail("describe", "503")
    for page in crm.everything(LEAD, [account.title], Part()):
        assert page.records
    crm.count(LEAD)

    assert crm.calls == account.api_calls() > 0


def test_a_wrong_credential_is_for_a_person_and_is_not_repeated_aloud(account):
    with pytest.raises(Misconfigured) as error:
        account.connect("nobody").describe(LEAD)

    assert error.value.fix
    assert WRONG not in str(error.value) + repr(error.value)


@pytest.mark.parametrize("fault", ["503", "429", "reset", "cut", "html"])
def test_one_fault_is_not_felt(crm, account, fault):
    calm = by_id(crm.everything(LEAD, (account.title,), Part()))
    account.fail("read", fault, after=1)

    assert by_id(crm.everything(LEAD, (account.title,), Part())) == calm


@pytest.mark.parametrize("fault", ["503", "html"])
def test_a_crm_that_stays_down_is_told_in_one_sentence(crm, account, fault):
    crm.describe(LEAD)
    account.simulator.faults.add(account.name, "any", fault, times=1_000)

    with pytest.raises(ConnectorError) as error:
        list(crm.everything(LEAD, (account.title,), Part()))

    assert isinstance(error.value, Retryable)
    assert "<html" not in str(error.value).lower()
    assert "\n" not in str(error.value)


def history(crm, account, since=None):
    """Read how titles changed: the changes by lead, and the cursor to go on from."""
    pages = list(crm.history(LEAD, (account.title,), since))
    found = {}
    for page in pages:
        for change in page.changes:
            found.setdefault(change.id, []).append((change.field, change.at, change.old))
    return found, pages[-1].cursor


def test_history_tells_what_a_field_held_before_each_change(crm, account, clock):
    account.keep_history()
    lead, other = account.some(2)
    first = account.held()[lead][account.title]
    times = []
    for title in ("CTO", None, "CFO"):
        clock.advance(timedelta(hours=1))
        times.append(clock.now())
        account.name_title(lead, title)
    account.edit(other, **{account.email: "new@address.example"})
    clock.advance(timedelta(hours=1))

    found, _ = history(crm, account)

    assert [(name, old) for name, _, old in found[lead]] == [(account.title, old) for old in (first, "CTO", None)]
    assert [at[:16] for _, at, _ in found[lead]] == [f"{at:%Y-%m-%dT%H:%M}" for at in times]
    assert other not in found


def test_history_goes_on_from_where_it_was(crm, account, clock):
    account.keep_history()
    one, other = account.some(2)
    account.name_title(one, "CTO")
    clock.advance(timedelta(hours=1))
    _, cursor = history(crm, account)
    account.name_title(other, "CFO")
    clock.advance(timedelta(hours=1))
    before = account.calls()

    found, cursor = history(crm, account, cursor)

    assert set(found) == {other}
    assert account.calls() - before <= 2
    clock.advance(timedelta(hours=1))
    assert history(crm, account, cursor)[0] == {}


def test_history_goes_on_from_any_page(crm, account, clock):
    account.keep_history()
    leads = account.some(120)
    for lead in leads:
        account.name_title(lead, f"Chief {lead}")
        clock.advance(timedelta(seconds=30))
    pages = list(crm.history(LEAD, (account.title,), None))

    for place, page in enumerate(pages):
        seen = {change.id for earlier in pages[: place + 1] for change in earlier.changes}
        assert seen | set(history(crm, account, page.cursor)[0]) >= set(leads)
    assert len(pages) > 1


def test_there_is_no_history_of_what_the_crm_keeps_none_of(crm):
    assert list(crm.history(Entity.ACTIVITY, (), None)) == []
