import pytest

from fercli.audit.audit import audit
from fercli.datasets.store import Store
from tests.stores import write_twins


@pytest.fixture(scope="session")
def twins(once):
    """The audit of a store of drawn faces with five twins between test and train."""
    return audit(Store(once("twins", lambda folder: write_twins(folder / "store")) / "store"))
