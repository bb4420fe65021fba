import pytest
import structlog


@pytest.fixture(autouse=True)
def log_as_before():
    """Commands that run in this process set the log up as they want it, which other tests read."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)
