import pytest

from tests import commandline


@pytest.fixture(autouse=True)
def log_as_before():
    with commandline.log_as_before():
        yield
