from pathlib import Path
from types import SimpleNamespace

import pytest

from fercli.datasets.store import Store
from fercli.datasets.twins import NEAR, NEAR_FILE, pairs_table, write
from fercli.engine.training_data import require_same_twins
from fercli.errors import DataError
from fercli.published.caveats import caveats
from fercli.studies.near import near_of_plan
from tests.stores import write_twins

RESULT = {
    "method": "softmax",
    "protocol": {"dataset": "toy", "selection": "last", "budget": "full"},
    "near_duplicates": {"digest": "1f2e3d4c5b6a7980", "num_groups": 2, "largest": 3, "num_rows": 5},
}


def audited(folder, *pairs):
    store = Store(folder if folder.exists() else write_twins(folder))
    found = [(one, other, "train", "train", NEAR, 0.9, False, 0.0, 0.0) for one, other in pairs]
    write(folder, NEAR_FILE, pairs_table(found), [store.fingerprint])
    return Store(folder)


def cell(data, *overrides):
    made = SimpleNamespace(data=data, overrides=(f"data={data}", *overrides))
    return SimpleNamespace(data=data, overrides=made.overrides, training=made)


def test_a_plan_names_the_near_duplicates_of_each_data_set_whose_trainings_keep_them_together(tmp_path):
    store = audited(tmp_path / "toy", ("face05", "face06"))
    cells = [
        cell("toy", "twins=near", f"store={store.path}"),
        cell("toy", "twins=near", "twins=equal", f"store={store.path}"),  # the last one counts
        cell("other", f"store={tmp_path / 'none'}"),
    ]
    (found,) = near_of_plan(SimpleNamespace(cells=cells)).items()
    assert (found[0], found[1].num_groups, found[1].largest) == ("toy", 1, 2)
    assert near_of_plan(SimpleNamespace(cells=cells[1:])) == {}


def test_a_run_is_not_evaluated_by_near_duplicates_of_a_later_audit(tmp_path):
    store = audited(tmp_path / "toy", ("face05", "face06"))
    recorded = {"near_duplicates": {"digest": store.twins.near_digest}}
    require_same_twins({"twins": "near"}, store, recorded)
    store = audited(Path(store.path), ("face05", "face07"))
    with pytest.raises(DataError, match=r"put near_twins\.parquet back as it was, or train the run again"):
        require_same_twins({"twins": "near"}, store, recorded)
    require_same_twins({"twins": "equal"}, store, recorded)
    require_same_twins({}, store, {})  # a run of an earlier fercli


@pytest.mark.parametrize(("num_twins", "shared"), [(0, True), (2, False), (None, False)])
def test_a_page_says_that_nothing_is_shared_only_where_that_was_counted(num_twins, shared):
    counted = {} if num_twins is None else {"num_twins": num_twins, "num_rows": 8, "checked": ["near-duplicate"]}
    said = " ".join(caveats(RESULT | ({"without_twins": counted} if counted else {})))
    assert "Near-duplicates stay together (twins=near, 1f2e3d4c): 2 groups with 5 rows, the largest with 3." in said
    assert ("No evaluated sample has a twin in training." in said) == shared
    assert ("2 of 10 samples have a twin in training" in said) == (num_twins == 2)
