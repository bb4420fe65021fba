import pytest

from tests.stranger import stranger


@pytest.fixture
def service():
    with stranger() as served:
        yield served
