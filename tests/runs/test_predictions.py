import numpy as np

from fercli.runs.folder import RunFolder
from fercli.runs.predictions import columns_of, read_predictions, write_predictions


def test_a_missing_text_is_none_again_and_a_missing_number_is_nan(tmp_path):
    columns = {
        "id": np.array(["a", "b"], dtype=object),
        "expression": np.array([1, -1]),
        "valence": np.array([0.5, np.nan]),
        "by gender": np.array([None, "female"], dtype=object),
    }
    run = RunFolder(tmp_path)
    write_predictions(run, columns, ["fear", "anger"], "test", ["by gender"])
    run.finish({})
    found = columns_of(read_predictions(run))
    assert found["by gender"].tolist() == [None, "female"]
    np.testing.assert_array_equal(found["valence"], [0.5, np.nan])
