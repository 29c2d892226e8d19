import pytest

from tests.labels import labels_of


@pytest.fixture(scope="session")
def labels():
    """Labels of some rows; columns that are not given are unknown."""
    return labels_of
