"""Studies compare what they say: no training with itself, no row with what it took over from another network."""

from itertools import combinations

import pytest

from fercli.config import compose, unresolved
from fercli.runs.identity import run_id
from fercli.studies.printed import published_number, quoted_number
from fercli.studies.study import Study, StudyRow
from fercli.tables.columns import metric_column
from tests.packaged_studies import packaged_studies

# Studies that have a training in two rows on purpose, and why; none so far.
REPEATS: dict[str, str] = {}


def values(row: StudyRow) -> dict[str, str]:
    return dict(override.lstrip("+").split("=", 1) for override in row.overrides or ())


def may_be_the_same(one: StudyRow, other: StudyRow) -> bool:
    """Whether it takes the composed configurations to tell two rows apart: no key has a value of its own in each."""
    first, second = values(one), values(other)
    return one.prepared == other.prepared and all(first[key] == second[key] for key in first.keys() & second.keys())


def doubtful_rows(study: Study) -> list[StudyRow]:
    pairs = [pair for pair in combinations(study.trained, 2) if may_be_the_same(*pair)]
    return [row for row in study.trained if any(row in pair for pair in pairs)]


def configuration(study: Study, label: str):
    (row,) = (row for row in study.trained if row.label == label)
    data = row.prepared or study.prepared or study.data
    return compose("train", [f"data={data}", "budget=full", *study.base, *(row.overrides or ())])


STUDIES = packaged_studies()


@pytest.mark.parametrize("name", [name for name, study in STUDIES.items() if doubtful_rows(study)])
def test_no_two_rows_are_the_same_training(name):
    study = STUDIES[name]
    labels: dict[str, list[str]] = {}
    for row in doubtful_rows(study):
        identity = run_id(unresolved(configuration(study, row.label)), row.prepared or "") + (row.classifier or "")
        labels.setdefault(identity, []).append(row.label)
    twice = [rows for rows in labels.values() if len(rows) > 1]
    assert bool(twice) == (name in REPEATS), twice


QUOTING = {name: [claim for claim in study.claims if study.quoted(claim)] for name, study in STUDIES.items()}


@pytest.mark.parametrize("name", [name for name, claims in QUOTING.items() if claims])
def test_a_source_claims_against_quoted_numbers_what_its_own_are(name):
    study, claims = STUDIES[name], QUOTING[name]
    rows = {row.label: row for row in study.rows}
    for claim in claims:
        better, worse = (published_number(study, rows[label], claim.metric) for label in (claim.better, claim.worse))
        assert quoted_number(study, claim) == worse
        assert better < worse if metric_column(claim.metric).higher_is_better is False else better > worse
    metrics = [claim.metric for claim in claims]
    assert len(metrics) == len(set(metrics))  # against the best of them, not against each


@pytest.mark.parametrize(
    ("label", "weights"),
    [("ResNet-50", None), ("+ weighted loss", None), ("+ ImageNet weights", "imagenet")],
)
def test_resnet_50_of_the_baselines_has_no_weights_but_where_its_row_says_so(label, weights):
    backbone = configuration(STUDIES["emotion_gcn/table_3_1"], label).backbone
    assert (backbone.name, backbone.weights, backbone.pool) == ("resnet50", weights, None)


@pytest.mark.parametrize(
    "name", [n for n, study in STUDIES.items() if any("method=emotion_gcn" in (r.overrides or ()) for r in study.rows)]
)
def test_no_word_vectors_are_needed_with_the_smoke_budget(name):
    assert "word_vectors=null" in STUDIES[name].smoke


def test_emotion_gcn_is_compared_with_print_on_the_vectors_of_words():
    study = STUDIES["emotion_gcn/table_6_4"]
    assert configuration(study, "Emotion-GCN").head.embeddings.path == "weights/glove.6B.300d.txt"


@pytest.mark.parametrize("table", ["table_4_4", "table_4_5"])
@pytest.mark.parametrize(("data", "metrics"), [("caer", {"accuracy"}), ("avec2014", {"mae", "rmse"})])
def test_any_graph_is_claimed_to_beat_concatenation(table, data, metrics):
    """Lin 2021 says it of both tasks, and prints it in every metric."""
    study = STUDIES[f"crossmodal_gcn/{table}_{data}"]
    claimed = {(claim.better, claim.metric) for claim in study.claims if claim.worse == "concatenation"}
    assert claimed == {(row.label, metric) for row in study.rows[1:] for metric in metrics}
    printed = {metric: [published_number(study, row, metric) for row in study.rows] for metric in metrics}
    for metric, (concatenation, *graphs) in printed.items():
        assert (min(graphs) > concatenation) if metric == "accuracy" else (max(graphs) < concatenation)
