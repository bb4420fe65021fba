import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest

from connector.crm import Cursor, Entity, Page, Record
from connector.errors import Misconfigured, OutOfQuota
from tasks.store import cursors
from tasks.store.records import PageCounts
from tasks.verbs.pull import gathered


def living(house, kind="contacts"):
    return set(house.portal.snapshot(kind))


def test_the_first_pull_brings_everything_and_the_second_nothing(house):
    first = house.pull()
    second = house.pull()

    assert {row.id for row in house.rows()} == living(house)
    assert {row.id for row in house.rows(Entity.COMPANY)} == living(house, "companies")
    assert first.total == PageCounts(new=sum(first.seen.values()))
    assert second.total.unchanged == second.total.total


def test_only_mapped_fields_are_kept(house):
    house.pull()

    names = {name for row in house.rows() for name in orjson.loads(row.data)}
    assert names <= set(house.mapping.source_fields(Entity.LEAD))
    assert "city" not in names


def test_an_edit_is_a_change_and_an_edit_of_an_unmapped_field_is_none(house):
    house.pull()
    one, other = sorted(living(house))[:2]
    house.portal.edit("contacts", one, {"jobtitle": "Chief Tester"})
    house.portal.edit("contacts", other, {"city": "Zurich"})

    pulled = house.pull()

    assert pulled.counts[Entity.LEAD].changed == 1
    assert orjson.loads(next(row for row in house.rows() if row.id == one).data)["jobtitle"] == "Chief Tester"


def test_what_is_new_is_found(house):
    house.pull()
    made = house.portal.create("contacts", {"email": "new@acme.example", "jobtitle": "CEO"})

    assert house.pull().counts[Entity.LEAD].new == 1
    assert made in {row.id for row in house.rows()}


def test_a_merge_leaves_the_survivor(house):
    house.pull()
    one, other = sorted(living(house))[:2]
    house.portal.merge("contacts", one, other)

    pulled = house.pull()

    assert pulled.counts[Entity.LEAD].merged >= 1
    assert {row.id for row in house.rows()} == living(house)


def test_a_sweep_finds_what_was_archived(house):
    house.pull()
    gone = sorted(living(house))[:3]
    house.portal.archive("contacts", gone)

    house.pull()
    swept = house.pull(sweep=True)

    assert swept.counts[Entity.LEAD].deleted == 3
    assert house.pull(sweep=True).counts[Entity.LEAD].deleted == 0
    assert {row.id for row in house.rows()} == living(house)


def test_a_sweep_goes_on_from_the_last_one(house):
    house.pull()

    house.clock.advance(timedelta(days=1))
    house.pull(sweep=True)

    assert house.clock.now() - cursors.get(house.store, house.name, Entity.LEAD).swept_at < timedelta(minutes=10)


def test_reading_everything_again_finds_what_was_erased_without_a_word(house):
    house.pull()
    house.portal.gdpr_delete(sorted(living(house))[:2])

    reloaded = house.pull(reload=True)

    assert reloaded.counts[Entity.LEAD].deleted == 2
    assert {row.id for row in house.rows()} == living(house)
    assert reloaded.counts[Entity.LEAD].new == reloaded.counts[Entity.LEAD].changed == 0


def test_more_fields_mean_another_load_and_fewer_do_not(house):
    rules = house.mapping.rules
    jobless = tuple(rule for rule in rules if all(source.field != "jobtitle" for source in rule.reads))
    house.pull()

    house.mapping = replace(house.mapping, rules=jobless)
    assert house.pull().seen[Entity.LEAD] < len(living(house))

    house.mapping = replace(house.mapping, rules=rules)
    assert house.pull().seen[Entity.LEAD] >= len(living(house))
    assert house.pull().seen[Entity.LEAD] < len(living(house))


def test_other_links_mean_another_load(house):
    house.pull()

    house.mapping = replace(house.mapping, links=replace(house.mapping.links, by="domain", lead=("email",)))
    again = house.pull()

    assert again.counts[Entity.LEAD].changed > 0
    assert all(row.link is None or "." in row.link for row in house.rows())


def test_a_field_that_this_user_may_not_see_is_told(house):
    house.pull()
    house.portal.set_scopes("pat-na1-integration", ["crm.objects.companies.read"])

    with pytest.raises(Misconfigured):
        house.pull()


def test_every_record_is_counted_somewhere(house):
    pulled = house.pull()

    assert pulled.reconciles()
    terms = pulled.as_dict()["lead"]
    assert terms["pulled"] == terms["new"] + terms["changed"] + terms["unchanged"] + terms["deleted"] + terms["merged"]


def test_what_came_before_the_quota_was_spent_is_kept(house):
    house.portal.set_option("daily", 5)

    with pytest.raises(OutOfQuota):
        house.pull()
    kept = len(house.rows())
    house.portal.set_option("daily", None)
    house.pull()

    assert 0 < kept < len(living(house))
    assert {row.id for row in house.rows()} == living(house)


def a_page(*ids, fields=("a",), at="c"):
    return Page(Entity.LEAD, fields, tuple(Record(record_id, "2026", ("x",)) for record_id in ids), Cursor(at))


def test_small_pages_are_joined_with_the_last_cursor():
    pages = [a_page("1", at="c1"), a_page(at="c2"), a_page("2", "3", at="c3"), a_page("4", at="c4"), a_page(at="c5")]

    joined = [([record.id for record in page.records], page.cursor.position) for page in gathered(pages, rows=3)]

    assert joined == [(["1", "2", "3"], "c3"), (["4"], "c5")]


def test_pages_of_different_fields_are_not_joined():
    pages = [a_page("1"), a_page("2", fields=())]

    assert list(gathered(pages, rows=3)) == pages


def test_a_failing_crm_loses_nothing_that_has_come():
    def failing():
        yield a_page("1")
        raise OutOfQuota("Enough.")

    joined = gathered(failing(), rows=3)

    assert next(joined) == a_page("1")
    with pytest.raises(OutOfQuota):
        next(joined)


def test_progress_is_told(house):
    told = []

    house.pull(on_progress=lambda step, done, total: told.append((step, done, total)))

    assert ("pull lead", len(living(house)), None) in told


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("step", range(1, 18))
def test_a_pull_that_was_killed_anywhere_ends_where_an_undisturbed_one_does(house, step):
    house.die_at(step)
    with pytest.raises(house.killed):
        house.pull(save_rows=1)
    house.portal.edit("contacts", min(living(house)), {"jobtitle": "Changed between the two"})

    house.pull()

    assert {row.id for row in house.rows()} == living(house)
    titles = {row.id: orjson.loads(row.data).get("jobtitle") for row in house.rows()}
    assert titles == {key: values["jobtitle"] for key, values in house.portal.snapshot("contacts").items()}
    assert all(cursors.get(house.store, house.name, entity).is_loaded for entity in (Entity.LEAD, Entity.COMPANY))
    assert house.pull().total.new == 0


def test_a_pull_loads_neither_frames_nor_models():
    code = "import sys, tasks.verbs.pull, tasks.verbs.push; print(*sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert {"polars", "catboost", "pandas", "numpy", "sklearn", "alembic"}.isdisjoint(done.stdout.split())
