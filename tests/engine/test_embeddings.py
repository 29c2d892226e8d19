import numpy as np
import pandas as pd
import pytest

from fercli.engine.embeddings import MOST_KEPT, write_embeddings
from fercli.engine.predictions import Evaluation

CLASSES = ("fear", "anger", "joy")


def evaluation(num_rows, dim=4, order=None):
    generator = np.random.default_rng(5)
    columns = {
        "id": np.array([f"sample {i:05}" for i in range(num_rows)], dtype=object),
        "expression": generator.integers(-1, 2, num_rows),  # some unknown, none of joy
        "feature": generator.normal(size=(num_rows, dim)),
    }
    if order is not None:
        columns = {name: column[order] for name, column in columns.items()}
    return Evaluation(columns, {}, CLASSES, "test")


def kept(found, path):
    write_embeddings(found, path)
    return pd.read_parquet(path)


def test_each_feature_stays_with_its_sample_and_its_class(tmp_path):
    found = evaluation(50)
    frame = kept(found, tmp_path / "embeddings.parquet")
    rows = [list(found.columns["id"]).index(name) for name in frame["id"]]
    assert sorted(rows) == np.flatnonzero(found.columns["expression"] >= 0).tolist()
    assert [CLASSES[i] for i in found.columns["expression"][rows]] == frame["expression"].tolist()
    assert tuple(frame["expression"].cat.categories) == CLASSES
    expected = found.columns["feature"][rows].astype(np.float32)
    np.testing.assert_array_equal(np.stack(list(frame["feature"])), expected)


def test_of_many_samples_every_run_keeps_the_same_ones_whatever_their_order(tmp_path):
    number = 3 * MOST_KEPT
    first = kept(evaluation(number), tmp_path / "a.parquet")
    order = np.random.default_rng(1).permutation(number)
    second = kept(evaluation(number, order=order), tmp_path / "b.parquet")
    assert len(first) == MOST_KEPT
    assert first["id"].is_monotonic_increasing
    assert first["id"].tolist() == second["id"].tolist()
    assert first["id"].iloc[-1] > f"sample {2 * MOST_KEPT:05}"  # drawn from all, not the first ones


@pytest.mark.parametrize(("dim", "label"), [(2, 1), (4, -1)])
def test_nothing_is_kept_of_flat_features_or_of_samples_without_a_class(tmp_path, dim, label):
    found = evaluation(20, dim)
    found.columns["expression"][:] = label
    write_embeddings(found, tmp_path / "embeddings.parquet")
    assert not list(tmp_path.iterdir())
