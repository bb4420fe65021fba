import json
import logging
import sys

import pytest
import structlog

from tasks import log


@pytest.fixture
def lines(capsys):
    """Read what came out since a test configured the log (each phase of a test has a standard error of its own)."""
    before = structlog.get_config()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def read():
        return [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    yield read
    structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_line_has_the_ids_that_are_bound_around_it(lines):
    log.configure("info")
    with structlog.contextvars.bound_contextvars(connection="acme", run=7):
        structlog.get_logger().info("run.done", written=3)

    (line,) = lines()
    assert (line["event"], line["connection"], line["run"], line["written"]) == ("run.done", "acme", 7, 3)
    assert line["level"] == "info"
    assert "timestamp" in line


def test_an_exception_is_told_by_kind_and_place_and_not_by_its_words(lines):
    log.configure("info")
    try:
        try:
            raise KeyError("ann@example.org")
        except KeyError as error:
            raise ValueError("password=s3cret") from error
    except ValueError:
        structlog.get_logger().exception("unit.failed")

    (line,) = lines()
    assert (line["error"], line["cause"]) == ("ValueError", "KeyError")
    assert "test_log.py" in line["at"][-1]
    assert "s3cret" not in str(line)
    assert "ann@" not in str(line)


def test_an_error_that_was_named_keeps_its_name(lines):
    log.configure("info")
    try:
        raise ValueError("x")
    except ValueError:
        structlog.get_logger().error("unit.failed", error="Told", exc_info=True)

    assert lines()[0]["error"] == "Told"


def test_what_libraries_say_is_a_line_of_json_too(lines):
    log.configure("info")
    logging.getLogger("kombu").warning("lost %s", "it")
    logging.getLogger("urllib3").debug("POST /s3cret")

    (line,) = lines()
    assert (line["event"], line["logger"], line["level"]) == ("lost it", "kombu", "warning")


def test_a_task_that_failed_is_told_without_the_words_of_its_exception(lines):
    log.configure("info")
    try:
        raise ValueError("s3cret")
    except ValueError:
        context = {"name": "truegrade.work", "id": "1", "description": "raised unexpected", "exc": "ValueError(s3cret)"}
        words = "Task %(name)s[%(id)s] %(description)s: %(exc)s"
        logging.getLogger("celery.app.trace").log(logging.ERROR, words, context, exc_info=sys.exc_info())

    (line,) = lines()
    assert line["event"] == "task truegrade.work raised unexpected"
    assert line["error"] == "ValueError"
    assert "s3cret" not in str(line)


def test_debug_of_ours_does_not_open_the_debug_of_libraries(lines):
    log.configure("debug")
    structlog.get_logger().debug("unit.claimed")
    logging.getLogger("urllib3").debug("POST /s3cret")

    assert [line["event"] for line in lines()] == ["unit.claimed"]


def test_configuring_twice_says_everything_once(lines):
    log.configure("info")
    logging.getLogger("kombu").warning("once")

    assert len(lines()) == 1
