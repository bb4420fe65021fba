"""Structured logs: events named noun.verb.outcome, with ids and counts; never a field's value, a name or a token.

Whatever is done for a connection carries its `connection`, and the `run` or `unit` that it is part of: these are bound
where the work begins (`tasks.run`, `tasks.work`). An `error` means that somebody must act.

An exception is told by its kind and where it was raised, without its words: those of a library may repeat a value, an
address with a password, or a row. What other libraries log goes the same way, from a warning on.
"""

import logging
import sys
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import Any

import structlog

DEEPEST = 12  # places of a traceback that are told, the innermost ones
PACKAGES = Path(__file__).parents[1]


def configure(level: str) -> None:
    """Log to standard error, one line an event: for people on a terminal, JSON elsewhere. Repeatable."""
    renderer: structlog.types.Processor = (
        structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer(default=str)
    )
    lowest = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            without_words,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(lowest),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    _take_over(max(lowest, logging.WARNING))


def without_words(_logger: object, _method: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    """Put the kind of an exception, and where it was raised, in the place of its text."""
    found = event.pop("exc_info", None)
    error = sys.exc_info()[1] if found is True else found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        event.setdefault("error", type(error).__name__)
        event["at"] = _places(error.__traceback__)
        if error.__cause__ is not None:
            event["cause"] = type(error.__cause__).__name__
    return event


def _places(traceback: TracebackType | None) -> list[str]:
    """List where an exception came through: "tasks/verbs/push.py:41 push", the innermost last."""
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in extract_tb(traceback)[-DEEPEST:]]


def _short(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(PACKAGES)) if path.is_relative_to(PACKAGES) else "/".join(path.parts[-2:])


class _Forward(logging.Handler):
    """Hands what libraries log to our own log."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            structlog.get_logger().log(record.levelno, _event(record), logger=record.name, exc_info=record.exc_info)
        except Exception:  # noqa: BLE001  a line that cannot be written must not end the work that it tells of
            self.handleError(record)


def _event(record: logging.LogRecord) -> str:
    """Give what a library says; of a task that failed, what Celery says without the exception's words."""
    context: Any = record.args
    if isinstance(context, dict) and "exc" in context:
        return f"task {context.get('name')} {context.get('description', 'failed')}"
    return record.getMessage()


def _take_over(level: int) -> None:
    """Be the one handler of the root logger: Celery adds its own only where there is none (celery.app.log)."""
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if isinstance(handler, _Forward):
            root.removeHandler(handler)
    root.addHandler(_Forward())
    root.setLevel(level)
