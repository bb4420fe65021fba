import logging

import pytest
import structlog


@pytest.fixture(autouse=True)
def log_as_before():
    """Commands that run in this process set the log up as they want it, which other tests read."""
    root = logging.getLogger()
    before, handlers, level = structlog.get_config(), root.handlers[:], root.level
    yield
    structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)
