from functools import cache

import pytest


@pytest.fixture(scope="session")
def small_store(tmp_path_factory):
    """For the name of a drawn data set: the folder of a small store of it, made once, with what is drawn beside it."""
    from tests.docs.commands import SMALL_STORES, invoke

    @cache
    def make(name):
        store = tmp_path_factory.mktemp("stores") / name
        invoke(["preprocess", f"data={name}", f"store={store}", "num_workers=0", *SMALL_STORES[name]])
        return store

    return make
