from functools import cache

import pytest
from typer.main import get_command

# Stores of these data sets that other tests make with the same options.
SHARED = {"synthetic_depression": "recordings", "synthetic_context_clips": "clips"}


@pytest.fixture(scope="session")
def small_store(tmp_path_factory, request):
    """For the name of a drawn data set: the folder of a small store of it, made once, with what is drawn beside it."""
    from tests.docs.commands import SMALL_STORES, invoke

    @cache
    def make(name):
        if name in SHARED:
            return request.getfixturevalue(SHARED[name])
        store = tmp_path_factory.mktemp("stores") / name
        invoke(["preprocess", f"data={name}", f"store={store}", "num_workers=0", *SMALL_STORES[name]])
        return store

    return make


@pytest.fixture(scope="session", autouse=True)
def _one_program():
    """Build the commands of fercli once. For a line that is only composed, this takes a third of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.testing._get_command", cache(get_command))
        yield
