"""A person who stands in every place that there is, erased: nothing of it is left, and that is proved."""

import gzip
import json
import zipfile
from contextlib import closing, contextmanager
from pathlib import Path

import polars as pl
import pytest
import redis
from sqlalchemy import BigInteger, Float, Integer, LargeBinary, insert, select

from connector.crm import Entity
from tasks import run
from tasks.broker import embedded_broker
from tasks.store import audit, people, tables
from tasks.store.engine import open_store
from tasks.verbs import first_model, identifiers, places
from tasks.verbs import forget as forgetting
from tasks.verbs.proof import Found, keep, kept, look, prove
from tests.tasks.installation import NAME, made_world, opened

MAIL, PHONE, NOTE = "zoe.quill@second.example", "+44 20 7946 0991", "Zoe Quill asked on the phone"
AT = "2026-11-03T12:00:00.000Z"
WORDS = (MAIL, PHONE, NOTE)
JSON = {"data", "outputs", "inputs", "previous_inputs", "arguments", "detail"}


@pytest.fixture(scope="module")
def world():
    return made_world(60)


@contextmanager
def planted(home, world, database_url):
    """An installation that was synced, with one person planted in every table and file that there may be."""
    url = "" if database_url.startswith("sqlite") else database_url
    with opened(home, world, database_url=url) as plant:
        first_model.put_off(plant.store, NAME, now=plant.clock.now())
        zoe = plant.portal.pick("contacts", limit=3)[1]
        plant.portal.edit("contacts", zoe, {"email": MAIL, "phone": PHONE})
        plant.later(minutes=5)
        run.sync(plant.wiring, NAME)
        plant.later(minutes=20)
        for other in plant.portal.pick("contacts", limit=9)[5:]:
            plant.portal.edit("contacts", other, {"jobtitle": "Warden"})  # so that no cursor ends at the person
        run.sync(plant.wiring, NAME)
        with plant.store.write() as tx:
            for table in (*people.OF_LEADS, *people.OF_RECORDS):
                plant_row(tx, table, zoe)
            plant_lines(tx, zoe)
        plant_model(plant.wiring.settings.models_folder / NAME / "20260101-1", zoe)
        yield plant, zoe


def plant_row(tx, table, zoe):
    """Put one row of the person into a table, whatever its columns; what is there stays."""
    key = {"connection": NAME, "lead_id": zoe, "id": zoe, "entity": "lead"}
    mine = {name: value for name, value in key.items() if name in table.c}
    where = [table.c[name] == value for name, value in mine.items()]
    if tx.execute(select(*table.primary_key.columns).where(*where)).first() is None:
        values = {column.name: filled(column) for column in table.columns}
        tx.execute(insert(table).values(**values | mine))


def filled(column):
    match column.type:
        case LargeBinary():
            return b""
        case Float() | Integer() | BigInteger():
            return 1
        case _ if column.name.endswith(("_at", "_before")) or column.name in ("at", "until", "since"):
            return AT
        case _:
            return json.dumps({"said": NOTE}) if column.name in JSON else NOTE


def plant_lines(tx, zoe):
    """Let an audit line, ended work, a backfill's selection, a twin's cluster and an enrichment's answer name it."""
    at = AT
    tx.execute(insert(tables.audit).values(at=at, actor="me", action="override set", subject=f"{NAME} {zoe}",
               detail=json.dumps({"because": NOTE})))  # fmt: skip
    unit = {"id": "u1", "connection": NAME, "queue": "live", "verb": "score", "priority": 1, "state": "done"}
    times = {"attempts": 1, "not_before": at, "counts": "{}", "created_at": at, "finished_at": at}
    tx.execute(insert(tables.units).values(**unit, **times, arguments=json.dumps({"after": zoe})))
    asked = {"id": "b1", "connection": NAME, "kind": "asked", "state": "done", "stage": "score", "priority": 1}
    tx.execute(insert(tables.backfills).values(**asked, selection=json.dumps({"ids": [zoe]}), plan="{}",
               asked_by="me", created_at=at))  # fmt: skip
    cluster = tx.execute(select(tables.duplicates.c.cluster).where(tables.duplicates.c.id == zoe)).scalar_one()
    for twin in ("90000001", "90000002"):
        twins = {"connection": NAME, "entity": "lead", "id": twin, "cluster": cluster}
        tx.execute(insert(tables.duplicates).values(**twins, because="e-mail", found_at=at))
    tx.execute(tables.duplicates.update().values(cluster=f"lead:{NAME}/{zoe}"))
    tx.execute(insert(tables.answers).values(source=NOTE, key_hash=NOTE, data=json.dumps({"name": MAIL}), asked_at=at))


def plant_model(folder, zoe):
    folder.mkdir(parents=True)
    pl.DataFrame({"id": ["1", zoe], "label": [True, False], "likelihood": [0.1, 0.2]}).write_parquet(
        folder / "backtest.parquet"
    )
    (folder / "model.json").write_text(json.dumps({"version": "20260101-1", "digest": "made elsewhere"}))


def forget(plant, lead):
    mapping, folder = plant.wiring.mapping(NAME), plant.wiring.settings.models_folder
    how = {"now": plant.clock.now(), "asked_by": "me", "why": "asked for"}
    return forgetting.forget(plant.store, mapping, lead, connection=NAME, models_folder=folder, **how)


def in_files_of_postgres(store, words):
    """Name the words that stand in a file of the server's tables."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("CHECKPOINT")
        folder = Path(connection.exec_driver_sql("SHOW data_directory").scalar()) / "base"
        number = connection.exec_driver_sql("SELECT oid FROM pg_database WHERE datname = current_database()").scalar()
    return {word for word in words if list(places.naming(places.files(folder / str(number)), [word]))}


def test_a_person_who_stands_everywhere_is_left_nowhere_to_the_last_byte(tmp_path, world, database_url):
    with planted(tmp_path / "home", world, database_url) as (plant, zoe):
        before = look(plant.store, plant.home, WORDS).left
        every = {table.name for table in (*people.OF_LEADS, *people.OF_RECORDS, *people.NAMING, *people.BY_KEY)}
        with plant.store.read() as tx:
            held = people.held(tx, people.person(tx, NAME, zoe))
        assert every - {"units", "backfills", "answers"} <= held.keys()
        assert {"records", "changes", "refusals", "overrides", "answers", "audit"} <= before.tables.keys()
        named = list(places.backtests(plant.home, [zoe]))
        in_server = set() if plant.store.is_sqlite else in_files_of_postgres(plant.store, WORDS)

        forgotten = forget(plant, zoe)
        assert forgetting.scrub(plant.store, every, thorough=True)
        proof = prove(plant.store, plant.home, [forgotten])

        assert set(WORDS) <= set(forgotten.words)
        assert proof.left == Found()
        assert look(plant.store, plant.home, WORDS).left == Found()
        assert [path.name for path in named] == ["backtest.parquet"]
        assert list(places.backtests(plant.home, [zoe])) == []
        if not plant.store.is_sqlite:
            assert in_server == set(WORDS)
            assert in_files_of_postgres(plant.store, WORDS) == set()


def test_the_proof_is_kept_without_a_word_of_the_person(tmp_path, world):
    with planted(tmp_path / "home", world, "sqlite") as (plant, zoe):
        forgotten = forget(plant, zoe)
        (plant.home / "list.csv").write_text(f"a,{MAIL.upper()}\nb,{MAIL}\n")
        with gzip.open(plant.home / "old.csv.gz", "wt") as packed:
            packed.write("x" * 1_000 + PHONE)
        pl.DataFrame({"phone": [None, f"tel. {PHONE}"]}).write_parquet(plant.home / "new.parquet")
        forgetting.scrub(plant.store)

        proof = prove(plant.store, plant.home, [forgotten])
        keep(plant.store, [forgotten], proof, is_proved=False, now=plant.clock.now(), actor="me")

        assert proof.left.files == ("list.csv", "new.parquet", "old.csv.gz")
        line = kept(plant.store, forgotten.erasure.id)
        assert line.detail["left_files"] == 3
        assert line.detail["words"] == len(forgotten.words)
        assert line.detail["tables"] == len(tables.metadata.tables)
        said = json.dumps([repr(line), repr(forgotten), repr(proof.as_dict())])
        assert not [word for word in WORDS if word in said]
        assert audit.newest(plant.store, limit=1)[0].subject == f"{NAME} erasure {forgotten.erasure.id}"


def test_what_twins_had_in_common_is_looked_for_again_and_no_cluster_bears_the_name(tmp_path, world):
    with planted(tmp_path / "home", world, "sqlite") as (plant, zoe):
        forget(plant, zoe)

        with plant.store.read() as tx:
            clusters = set(tx.execute(select(tables.duplicates.c.cluster)).scalars())
            settled = tx.execute(select(tables.likeness_marks.c.settled)).scalars().all()
        assert clusters == {f"lead:{NAME}/90000001"}
        assert 0 in settled or not settled


def test_words_that_others_share_or_that_a_mapping_says_are_no_trace(tmp_path, world):
    with planted(tmp_path / "home", world, "sqlite") as (plant, zoe):
        other = plant.portal.pick("contacts", limit=9)[4]
        plant.portal.edit("contacts", other, {"phone": PHONE})
        plant.later(minutes=5)
        run.sync(plant.wiring, NAME)
        (plant.home / "notes.yaml").write_text(f"# {NOTE}\n")

        forgotten = forget(plant, zoe)
        forgetting.scrub(plant.store)

        assert PHONE not in forgotten.words
        assert prove(plant.store, plant.home, [forgotten]).left == Found()


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    from connector.clock import SystemClock

    with embedded_broker(tmp_path_factory.mktemp("redis"), clock=SystemClock()) as url, redis.Redis.from_url(url) as up:
        yield up


def test_keys_of_redis_are_looked_at_whatever_they_hold(client):
    client.flushdb()
    client.set("plain", "nothing")
    client.set(f"name {MAIL}", 1)
    client.rpush("list", "a", f"tell {PHONE}")
    client.hset("hash", "who", MAIL.upper())
    client.sadd("set", MAIL)
    client.zadd("zset", {MAIL: 1.0})

    assert places.keys(client, [MAIL, PHONE]) == (6, 5)
    assert places.keys(client, ["nobody@nowhere.example"]) == (6, 0)


@pytest.mark.parametrize(
    ("field", "value", "tells"),
    [
        ("email", "zoe@acme.example", True),
        ("x", "zoe@acme.example", True),
        ("lastname", "Quill", True),
        ("firstname", "Zoe", False),
        ("jobtitle", "CEO", False),
        ("jobtitle", "Quill Warden", True),
        ("phone", "+442079460991", True),
        ("phone", "02079460991", True),
        ("annualrevenue", "12500000", False),
        ("createdate", "2026-01-03T10:00:00.000Z", False),
        ("hs_date", "2026-01-03", False),
        ("notes", "call 020 7946 0991", True),
    ],
)
def test_what_tells_who_somebody_is(field, value, tells):
    held = {"records": [{"data": json.dumps({field: value})}]}

    assert bool(identifiers.told(held)) == tells


def test_what_identifies_comes_before_many_texts():
    subjects = [{"data": json.dumps({"hs_email_subject": f"A rather long subject about {n:03}"})} for n in range(99)]
    zoe = {"email": MAIL, "phone": PHONE, "firstname": "Bo", "lastname": "Li", "address": "1 Mill Lane"}

    words = identifiers.told({"records": [*subjects, {"data": json.dumps(zoe)}]})

    assert set(words[:4]) == {MAIL, PHONE, "Bo Li", "Li, Bo"}
    assert words[4] == "1 Mill Lane"
    assert len(words) == identifiers.MOST


ZOE = "Zoë.Quill@second.example"


def excel(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/sharedStrings.xml", f"<t>{ZOE}</t>" * 9)


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (lambda path: path.write_text(ZOE.upper()), [ZOE]),
        (lambda path: path.write_bytes(f"id\n{ZOE.upper()}".encode("utf-16")), [ZOE]),
        (lambda path: path.write_bytes(f"id\n{ZOE}".encode("utf-16-be")), [ZOE]),
        (lambda path: path.write_bytes(ZOE.encode("cp1252")), [ZOE]),
        (excel, [ZOE]),
        (lambda path: path.write_text("turbo list; BO LI called"), ["Bo Li"]),
        (lambda path: path.write_text("lead,39\n"), ["39"]),
        (lambda path: pl.DataFrame({"who": ["BO LI"]}).write_parquet(f"{path}.parquet"), ["Bo Li"]),
    ],
)
def test_a_word_is_found_whatever_its_case_and_coding(tmp_path, write, words):
    write(tmp_path / "list")

    assert len(list(places.naming(places.files(tmp_path), words))) == 1


@pytest.mark.parametrize("text", ["turbo lights", "1390", "a 3.x39", "PK\x03\x04 damaged"])
def test_a_short_word_is_no_part_of_another(tmp_path, text):
    (tmp_path / "list.txt").write_text(text)
    (tmp_path / "list.csv.gz").write_bytes(gzip.compress(text.encode())[:-9])
    pl.DataFrame({"who": [text]}).write_parquet(tmp_path / "list.parquet")

    assert list(places.naming(places.files(tmp_path), ["Bo Li", "39"])) == []


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("joann parker", False), ("JOANN PARK", False), ("ann parké", False), ("ann parké".encode("cp1252"), False),
        ("ann park's", True), ("«ANN PARK»", True), ("ann park\u00a0said", True), ("ann park\u2019s", True),
        ("Ann Park2", True), ('{"a":"x\\nAnn Park"}', True), ("joann park, or Ann Park", True),
        ("ann park\u3055\u3093", True), (b"\xffann park\xff\xfe", False), (b"\x80ann park\x81", True),
    ],
)  # fmt: skip
def test_a_name_is_no_part_of_another_name_and_found_beside_any_other_sign(tmp_path, text, stands):
    held = text if isinstance(text, bytes) else text.encode()
    (tmp_path / "list.txt").write_bytes(held)
    if isinstance(text, str):
        pl.DataFrame({"who": [text]}).write_parquet(tmp_path / "list.parquet")

    assert {path.name for path in places.naming(places.files(tmp_path), ["Ann Park"])} == {
        name for name in ("list.txt", "list.parquet") if stands and (tmp_path / name).exists()
    }


def test_a_name_in_letters_without_capitals_is_found_within_a_text(tmp_path):
    (tmp_path / "list.txt").write_text("ローレンスタイ様より")

    assert len(list(places.naming(places.files(tmp_path), ["ローレンスタイ"]))) == 1


def test_another_person_whose_name_begins_alike_is_no_trace(tmp_path, database_url):
    with closing(open_store(database_url)) as store:
        like = {"connection": NAME, "entity": "lead", "id": "1", "kind": "name", "block": "b"}
        with store.write() as tx:
            tx.execute(insert(tables.likenesses).values(**like, told="takashi parker"))
        forgetting.scrub(store)
        if (file := store.engine.url.database) and store.is_sqlite:
            (tmp_path / "home").mkdir()
            (tmp_path / "home" / "truegrade.db").write_bytes(Path(file).read_bytes())
        home = tmp_path / "home"

        assert look(store, home, ["Takashi Park"]).left == Found()
        assert look(store, home, ["Takashi Parker"]).left.tables == {"likenesses": 1}
        with store.write() as tx:
            tx.execute(tables.likenesses.update().values(told="takashi park", block="Parkers"))
        assert look(store, home, ["Takashi Park"]).left.tables == {"likenesses": 1}
        if store.is_sqlite:  # a file of rows that are no more: nothing stands between its texts
            (home / "truegrade.db").write_bytes(b"\0Rtakashi parkSalead\0takashi parker")
            assert look(store, home, ["Takashi Park"]).left.files == ("truegrade.db",)


@pytest.mark.parametrize("entity", ["deal", "company"])
def test_the_id_of_a_deal_that_a_lead_became_is_the_deals(tmp_path, world, entity):
    with planted(tmp_path / "home", world, "sqlite") as (plant, zoe):
        deal = "006000000000123AAA"
        zoes = (tables.records.c.id == zoe) & (tables.records.c.entity == "lead")
        with plant.store.write() as tx:
            held = tx.execute(select(tables.records).where(zoes)).mappings().one()
            packed = json.dumps(json.loads(held["data"]) | {"ConvertedOpportunityId": deal})
            tx.execute(tables.records.update().where(zoes).values(data=packed))
            others = {"id": deal, "entity": entity, "data": "{}", "link": None}
            tx.execute(insert(tables.records).values(**{**held, **others}))

        forgotten = forget(plant, zoe)
        forgetting.scrub(plant.store)

        assert deal not in forgotten.words
        assert prove(plant.store, plant.home, [forgotten]).left == Found()


def test_a_short_id_is_no_word_to_look_for():
    assert identifiers.ids(people.Person("c", "101", ("101", "00Q000000000001"), ())) == ("00Q000000000001",)
    assert Entity.LEAD.value == "lead"
