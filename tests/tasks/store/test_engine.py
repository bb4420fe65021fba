import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from tasks.store import bulk
from tasks.store.engine import StoreUnreachable, open_store
from tasks.store.tables import metadata, schedule


# The one index over an expression cannot be read back and compared; test_plans.py shows that it is there and used.
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection", "ignore:autogenerate skipping")
def test_the_migrations_make_the_tables_that_the_code_knows(store):
    with store.read() as tx:
        comparable = {"include_object": lambda _thing, name, *_: name != "records_by_version"}
        assert compare_metadata(MigrationContext.configure(tx, opts=comparable), metadata) == []
        assert set(inspect(tx).get_table_names()) == {*metadata.tables, "alembic_version"}


def test_migrating_again_changes_nothing(store):
    store.migrate()
    store.migrate()

    with store.read() as tx:
        assert tx.execute(text("SELECT count(*) FROM alembic_version")).scalar_one() == 1


def test_a_new_sqlite_file_gets_its_folder_and_its_schema(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'deep' / 'er' / 'a 100% new.db'}")

    store.migrate()

    with store.read() as tx:
        assert inspect(tx).has_table("records")
        assert tx.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    store.close()


def test_an_error_keeps_nothing_of_the_transaction(store):
    insert = text("INSERT INTO schedule (name, every_s, last_slot) VALUES ('x', 1, 1)")

    def fail():
        with store.write() as tx:
            tx.execute(insert)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    with store.read() as tx:
        assert tx.execute(text("SELECT count(*) FROM schedule")).scalar_one() == 0


def test_a_read_sees_one_moment(store):
    count = text("SELECT count(*) FROM schedule")

    with store.read() as reading:
        before = reading.execute(count).scalar_one()
        with store.write() as tx:
            tx.execute(text("INSERT INTO schedule (name, every_s, last_slot) VALUES ('x', 1, 1)"))

        assert (before, reading.execute(count).scalar_one()) == (0, 0)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("no url", "sqlite:///PATH"),
        ("mysql://me:secret@here/db", "no store on mysql"),
        ("postgresql://me:secret@/db?host=/nowhere", "Start it, or correct its URL"),
        ("sqlite:////dev/null/store.db", "cannot be made"),
        ("sqlite:////dev", "unable to open"),
        ("postgresql://me:secret@/db?host=/nowhere&nonsense=1", "correct its URL"),
        ("postgresql://me:secret@/db?host=/nowhere&connect_timeout=soon", "correct its URL"),
    ],
)
def test_a_database_that_cannot_be_used_is_told_without_its_password(url, told):
    with pytest.raises(StoreUnreachable, match=told) as caught:
        open_store(url).migrate()

    assert "secret" not in str(caught.value)


def test_a_database_of_a_newer_version_is_left_alone(store):
    with store.write() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(StoreUnreachable, match="newer"):
        store.migrate()


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_connection_that_is_cut_in_the_middle_of_the_drivers_own_call_is_told_in_words(store):
    with pytest.raises(StoreUnreachable), store.write() as tx:
        tx.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")

    def filled():
        with store.write() as tx:
            own = tx.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            with store.write() as other:
                other.exec_driver_sql(f"SELECT pg_terminate_backend({own})")
            bulk.upsert(tx, schedule, ("name", "every_s", "last_slot"), [("x", 1, 1)], update=())

    with pytest.raises(StoreUnreachable):
        filled()


def test_a_full_disk_in_the_drivers_own_call_is_told_in_words(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'small.db'}")
    store.migrate()
    rows = [(str(number), 1, 1) for number in range(50_000)]

    def filled():
        with store.write() as tx:
            pages = tx.exec_driver_sql("PRAGMA page_count").scalar_one()
            tx.exec_driver_sql(f"PRAGMA max_page_count={pages + 5}")
            bulk.upsert(tx, schedule, ("name", "every_s", "last_slot"), rows, update=())

    with pytest.raises(StoreUnreachable, match="Make room"):
        filled()
    store.close()
