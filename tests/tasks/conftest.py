import pytest

from tasks.store.engine import open_store


@pytest.fixture
def store(database_url):
    store = open_store(database_url)
    yield store
    store.close()
