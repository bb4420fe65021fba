from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from tasks.store import answers
from tasks.store.answers import Answer

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def keep(store, key_hash, values, now=NOW):
    with store.write() as tx:
        answers.keep(tx, "p", key_hash, values, now=now)


def test_an_answer_is_there_as_long_as_it_is_fresh(store):
    keep(store, "a", {"industry": "Tools"})
    keep(store, "b", None)

    assert answers.fresh(store, "p", ["a", "b", "c"], since=NOW) == {
        "a": Answer({"industry": "Tools"}, NOW), "b": Answer(None, NOW),
    }  # fmt: skip
    assert answers.fresh(store, "p", ["a"], since=NOW + DAY) == {}
    assert answers.fresh(store, "q", ["a"], since=NOW) == {}


def test_a_newer_answer_takes_the_place_of_an_older_one(store):
    keep(store, "a", {"industry": "Tools"})
    keep(store, "a", {}, now=NOW + DAY)

    assert answers.fresh(store, "p", ["a"], since=NOW) == {"a": Answer({}, NOW + DAY)}


def test_hashes_are_the_same_for_all_and_tell_nothing_of_the_key(store):
    first, again = answers.hashing(store), answers.hashing(store)

    assert first("p", "acme.com") == again("p", "acme.com") != first("q", "acme.com")
    assert "acme" not in first("p", "acme.com")
    with store.write() as tx:
        tx.execute(text("DELETE FROM hash_keys"))
    assert answers.hashing(store)("p", "acme.com") != first("p", "acme.com")


def test_a_service_is_let_alone_for_a_while(store):
    assert answers.paused(store, "p", now=NOW) is None
    answers.pause(store, "p", because="It is down.", now=NOW, length=DAY)

    assert answers.paused(store, "p", now=NOW).because == "It is down."
    assert answers.paused(store, "p", now=NOW + DAY) is None


def test_old_answers_are_forgotten_and_fingerprints_stay(store):
    keep(store, "a", {})
    keep(store, "b", {}, now=NOW + DAY)
    with store.write() as tx:
        answers.keep_fingerprint(tx, "p", "abc", now=NOW)

    assert answers.forget(store, "p", before=NOW + DAY) == 1
    assert set(answers.fresh(store, "p", ["a", "b"], since=NOW)) == {"b"}
    assert answers.fingerprint(store, "p") == "abc"
