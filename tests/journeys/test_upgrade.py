"""An installation of an earlier version is taken over: it goes on where it was, and nobody's leads are written anew."""

import secrets

import psycopg
import pytest
from sqlalchemy import text

from connector.clock import SystemClock
from connector.simulator.spec import build
from tasks.store.engine import open_store
from tests.journeys.conftest import Installation, spec
from tests.tasks.store import schemas


@pytest.fixture(scope="module")
def synced(tmp_path_factory, taught):
    """An installation that has scored its leads with a model, on today's schema."""
    with build(spec(crms=("hubspot",), leads=1_200), SystemClock()) as simulator:
        home = Installation(tmp_path_factory.mktemp("upgrade") / "home", simulator, ("hubspot",))
        taught.teach(home, "hubspot", ("hubspot", 1_200, 3))
        assert home.truegrade("provision", "hubspot").code == 0
        for _ in range(2):  # the second one reads the echo of what the first one wrote
            told = home.truegrade("sync", "hubspot")
            assert told.code == 0, told.err
        yield home


EARLIER = schemas.revisions()[:-1]
# That every schema migrates on both databases is proved for rows alone (test_migrations.py).
FROM = [*(("sqlite", one) for one in EARLIER), ("postgres", EARLIER[0]), ("postgres", EARLIER[-1])]


@pytest.fixture
def new_database(request, tmp_path, kind):
    if kind == "sqlite":
        return f"sqlite:///{tmp_path / 'old.db'}"
    server = request.getfixturevalue("postgres_url").replace("postgresql+psycopg", "postgresql")
    name = f"upgrade_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.replace("/postgres?", f"/{name}?")


@pytest.mark.parametrize(("kind", "revision"), FROM)
def test_an_earlier_installation_goes_on_where_it_was(synced, new_database, kind, revision):
    store, today = open_store(new_database), open_store(f"sqlite:///{synced.home / 'truegrade.db'}")
    schemas.migrate_to(store, revision)
    schemas.copy_rows(today, store)
    [edited] = synced.simulator.hubspot.pick("contacts", {"lifecyclestage": "lead"}, limit=1, seed=int(revision))
    synced.simulator.hubspot.edit("contacts", edited, {"jobtitle": f"Chief of {new_database[:6]} {revision}"})

    # A process of its own ends with its connections to a server; a file needs none.
    truegrade = synced.truegrade if kind == "sqlite" else synced.truegrade_apart
    told = truegrade("sync", "hubspot", "--json", TRUEGRADE_DATABASE_URL=new_database)

    assert told.code == 0, told.err
    counts = told.json["connections"]["hubspot"]
    assert counts["pulled_new"] == 0
    assert counts["pulled_changed"] >= 1
    assert counts["refused"] == 0
    with store.read() as tx:
        found = tx.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        leads = tx.execute(text("SELECT count(*) FROM scores WHERE written_hash IS NOT NULL")).scalar_one()
    assert found == schemas.revisions()[-1]
    assert leads > 1_000
    assert counts["written"] < 10, counts
    store.close()
    today.close()
