"""Retrieval against loops over a sorted list, and against the calculators of two libraries."""

import math

import numpy as np
import pytest
import torch
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pytorch_metric_learning.distances import CosineSimilarity
from pytorch_metric_learning.utils.accuracy_calculator import AccuracyCalculator
from pytorch_metric_learning.utils.inference import CustomKNN
from torchmetrics.retrieval import RetrievalHitRate, RetrievalRPrecision

from fercli.catalog import CONF
from fercli.config import instantiate
from fercli.errors import DataError, RunError
from fercli.metrics import retrieval
from fercli.metrics.bootstrap import bootstrap_intervals
from fercli.metrics.ranks import cmc
from fercli.metrics.retrieval import map_at_r, r_precision, recall_at, search

LABELS = np.array([0, 0, 0, 1, 1, 1])
ANGLES = np.deg2rad([0, 20, 70, 90, 120, 180])
SIX_POINTS = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1)


@pytest.fixture
def metrics():
    content = yaml.safe_load((CONF / "metrics/retrieval.yaml").read_text())
    return {name: instantiate(metric) for name, metric in content.items()}


@pytest.fixture(params=[2, 256], ids="chunk of {}".format)
def chunk(request, monkeypatch):
    monkeypatch.setattr(retrieval, "CHUNK", request.param)


def drawn(seed, n=30, num_classes=4, dim=3):
    generator = np.random.default_rng(seed)
    return generator.normal(size=(n, dim)), generator.integers(num_classes, size=n)


def by_sorting(feature, label, role):
    """Rank of the first hit, R-precision and average precision of each query, from its sorted gallery."""
    found = []
    for i in range(len(label)):
        if role is not None and role[i] != "query":
            continue
        others = [j for j in range(len(label)) if (j != i if role is None else role[j] == "gallery")]
        cosine = [feature[i] @ feature[j] / np.linalg.norm(feature[i]) / np.linalg.norm(feature[j]) for j in others]
        hits = [bool(label[others[k]] == label[i]) for k in np.argsort(cosine)[::-1]]
        r = sum(hits)
        rank = hits.index(True) + 1 if r else math.inf
        precisions = [sum(hits[: k + 1]) / (k + 1) * hits[k] for k in range(r)]
        found.append((rank, sum(hits[:r]) / max(r, 1), sum(precisions) / max(r, 1)))
    return np.array(found)


def test_six_points(metrics):
    columns = {"feature": SIX_POINTS, "expression": LABELS}
    values = [metrics[f"recall_at_{k}"](columns) for k in (1, 2, 4)]
    assert values == pytest.approx([4 / 6, 1, 1])


@pytest.mark.usefixtures("chunk")
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("roles", [False, True])
def test_every_query_by_sorting(seed, roles):
    feature, label = drawn(seed)
    role = np.random.default_rng(seed).choice(np.array(["query", "gallery"], dtype=object), 30) if roles else None
    queries = search(feature, label, role)
    found = np.stack([queries["rank"], queries["r_precision"], queries["average_precision"]], axis=1)
    np.testing.assert_allclose(found, by_sorting(feature, label, role), rtol=1e-12)


def test_libraries_agree():
    feature, label = drawn(0, n=200)
    queries = search(feature, label)
    calculator = AccuracyCalculator(
        include=("r_precision", "mean_average_precision_at_r", "precision_at_1"),
        k="max_bin_count",
        device=torch.device("cpu"),
        knn_func=CustomKNN(CosineSimilarity()),
    )
    theirs = calculator.get_accuracy(feature, label)
    assert r_precision(queries) == pytest.approx(theirs["r_precision"], rel=1e-6)
    assert map_at_r(queries) == pytest.approx(theirs["mean_average_precision_at_r"], rel=1e-6)
    assert recall_at(queries, 1) == pytest.approx(theirs["precision_at_1"], rel=1e-6)
    unit = feature / np.linalg.norm(feature, axis=1, keepdims=True)
    others = ~np.eye(200, dtype=bool)
    flat = [
        torch.from_numpy(matrix[others])
        for matrix in (unit @ unit.T, label[:, None] == label, np.indices((200, 200))[0])
    ]
    for k in (1, 5, 20):
        assert recall_at(queries, k) == pytest.approx(RetrievalHitRate(top_k=k)(*flat).item(), rel=1e-6)
    assert r_precision(queries) == pytest.approx(RetrievalRPrecision()(*flat).item(), rel=1e-6)


@given(seed=st.integers(0, 999), n=st.integers(2, 12))
def test_recall_never_falls_with_k(seed, n):
    queries = search(*drawn(seed, n=n))
    curve = cmc(queries["rank"], n)
    assert (np.diff(curve) >= 0).all()
    np.testing.assert_allclose(curve, [recall_at(queries, k) for k in range(1, n + 1)])
    finds = np.array([math.isfinite(rank) for rank in queries["rank"]])
    assert curve[-1] == pytest.approx(finds.mean())


def test_an_embedding_in_which_all_is_alike_is_searched_in_the_order_of_the_table():
    generator = np.random.default_rng(0)
    alike = generator.uniform(1, 9, (8, 1)) * np.array([1.0, 2, 3])  # cosines that differ by rounding alone
    queries = search(alike, np.array([0, 0, 0, 0, 1, 1, 1, 1]))
    assert queries["rank"].tolist() == [1, 1, 1, 1, 5, 5, 5, 5]
    assert queries["r_precision"].tolist() == [1, 1, 1, 1, 0, 0, 0, 0]


def test_a_query_of_which_there_is_no_second_image_finds_nothing():
    queries = search(SIX_POINTS, np.arange(6))
    assert np.isinf(queries["rank"]).all()
    assert (recall_at(queries, 100), r_precision(queries), map_at_r(queries)) == (0, 0, 0)


def test_queries_are_searched_in_the_gallery_where_the_table_says_so(metrics):
    """The nearest of the first query is another query of its class, which does not count."""
    role = np.array(["query", "query", "gallery", "gallery", "gallery", "gallery"], dtype=object)
    columns = {"feature": SIX_POINTS, "expression": np.array([0, 0, 1, 0, 1, 1]), "role": role}
    assert metrics["recall_at_1"](columns | {"role": np.full(6, None, dtype=object)}) == pytest.approx(3 / 6)
    assert [metrics[f"recall_at_{k}"](columns) for k in (1, 2)] == [0, 1]


def test_rows_without_a_class_are_in_no_gallery(metrics):
    columns = {"feature": np.repeat(SIX_POINTS, 2, axis=0), "expression": np.repeat(LABELS, 2)}
    columns["expression"][1::2] = -1
    assert metrics["recall_at_1"](columns) == pytest.approx(4 / 6)


@pytest.mark.parametrize("role", [["query", "gallery", None], ["query"] * 3, ["gallery"] * 3])
def test_roles_that_are_incomplete_are_refused(role):
    with pytest.raises(DataError, match="to be a query or in the gallery"):
        search(np.eye(3), np.zeros(3, dtype=int), np.array(role, dtype=object))


def test_a_feature_that_is_not_finite_is_refused(metrics):
    with pytest.raises(RunError, match="finite"):
        metrics["recall_at_1"]({"feature": np.full((3, 2), np.nan), "expression": np.zeros(3, dtype=int)})


def test_intervals_draw_queries_and_not_the_gallery(metrics):
    """A row drawn twice into the gallery would find itself, and the interval would lie above the value."""
    feature, label = drawn(1, n=60, num_classes=6)
    columns = {"feature": feature, "expression": label}
    intervals = bootstrap_intervals(metrics, columns, num_resamples=200)
    for name, metric in metrics.items():
        low, high = intervals[name].low, intervals[name].high
        assert low <= metric(columns) <= high
    hits = search(feature, label)["rank"] <= 1
    low, high = intervals["recall_at_1"].low, intervals["recall_at_1"].high
    assert high - low == pytest.approx(2 * 1.96 * hits.std() / np.sqrt(60), rel=0.25)


def test_all_metrics_of_a_table_and_their_intervals_share_one_search(metrics, monkeypatch):
    searched = []
    monkeypatch.setattr(retrieval, "search", lambda *columns: searched.append(columns) or search(*columns))
    first, second = ({"feature": f, "expression": e} for f, e in (drawn(1, n=60), drawn(2, n=60)))
    alone = {name: metric(dict(first) | {"feature": first["feature"].copy()}) for name, metric in metrics.items()}
    assert len(searched) == len(metrics) == 9
    for columns in (first, second):
        searched.clear()
        values = {name: metric(columns) for name, metric in metrics.items()}
        bootstrap_intervals(metrics, columns, num_resamples=5)
        assert len(searched) == 1
        assert (values == alone) == (columns is first)
    roles = np.array(["query", "gallery"] * 30, dtype=object)
    assert metrics["recall_at_1"](second | {"role": roles}) != values["recall_at_1"]
