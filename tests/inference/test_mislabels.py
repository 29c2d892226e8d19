import csv
from types import SimpleNamespace

import numpy as np
import pytest

from fercli.inference.mislabels import suspects, write_suspects
from fercli.inference.out_of_sample import OutOfSample

pytest.importorskip("cleanlab", reason="cleanlab is an optional extra: pip install fercli[mislabels]")

CLASSES = ("joy", "fear", "rage")
NUM_ROWS = 300


@pytest.fixture(scope="module")
def store():
    """300 rows, of which the first 30 carry the label of another class than their predictions say."""
    rng = np.random.default_rng(0)
    true = np.arange(NUM_ROWS) % 3
    labels = true.copy()
    labels[:30] = (true[:30] + 1) % 3
    probabilities = rng.dirichlet(np.ones(3), size=NUM_ROWS) * 0.5
    probabilities[np.arange(NUM_ROWS), true] += 0.5
    columns = {"id": np.array([f"r{i}" for i in range(NUM_ROWS)]), "split": np.full(NUM_ROWS, "train")}
    votes = np.full((NUM_ROWS, 3), np.nan)
    votes[:200] = rng.multinomial(10, [0.5, 0.3, 0.2], size=200)
    predictions = OutOfSample(np.arange(NUM_ROWS), probabilities, {}, ())
    return SimpleNamespace(labels=labels, classes=CLASSES, votes=votes, column=columns.__getitem__), predictions


def by_loop(labels, probabilities):
    """The off-diagonal of the confident joint, as in Northcutt et al. 2021, equations 1 and 2."""
    thresholds = []
    for j in range(3):
        own = [p[j] for p, label in zip(probabilities, labels, strict=True) if label == j]
        thresholds.append(sum(own) / len(own))
    found = {}
    for i, (p, label) in enumerate(zip(probabilities, labels, strict=True)):
        reached = [j for j in range(3) if p[j] >= thresholds[j]]
        counted = max(reached, key=lambda j: p[j]) if reached else label
        best = max(range(3), key=lambda j: p[j])
        if counted != label and best != label:
            found[i] = p[label] - max(p[j] for j in range(3) if j != label)
    return found


def test_suspects_are_those_of_the_confident_joint_ranked_by_their_margin(store):
    found = suspects(*store)
    expected = by_loop(store[0].labels, store[1].probabilities)
    assert {*found.rows.tolist()} == {*expected}
    assert found.margin == pytest.approx(sorted(expected.values()))
    assert {*found.rows.tolist()} < {*range(30)}


def test_the_file_names_label_suggestion_and_votes(store, tmp_path):
    found = suspects(*store)
    write_suspects(found, tmp_path / "out" / "suspects.csv")
    with (tmp_path / "out" / "suspects.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["id"] for line in lines] == [f"r{row}" for row in found.rows]
    for line, row in zip(lines, found.rows, strict=True):
        assert (line["label"], line["suggested"]) == (CLASSES[store[0].labels[row]], CLASSES[int(row) % 3])
        assert (line["votes_joy"] == "") == (row >= 200)
