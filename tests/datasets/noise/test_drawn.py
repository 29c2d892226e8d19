"""Noise on a store: which rows it changes, and what a training then reads."""

import json

import numpy as np
import pytest

from fercli.datasets.datamodule import FaceData
from fercli.datasets.noise.drawn import Confusion, Pair, Symmetric, draws
from fercli.datasets.noise.file import COUNTED, LabelFile
from fercli.datasets.noise.noisy import NoisyLabels
from fercli.datasets.splits import Split
from fercli.errors import ConfigError, DataError
from fercli.samplers.shuffle import Shuffle

NUM_TRAIN, NUM_TEST = 60, 20
CLASSES = ("a", "b", "c")
POOL = np.arange(NUM_TRAIN)


@pytest.fixture
def store(write_store):
    """60 training and 20 test rows of three classes with votes; row 7 has no class; rows 50 to 59 are one video."""
    rows = []
    for i in range(NUM_TRAIN + NUM_TEST):
        place = 0 if 50 <= i < 60 else i % 3
        row = {"split": "train" if i < NUM_TRAIN else "test", "votes": np.roll([7.0, 2.0, 1.0], place).tolist()}
        rows.append(row | ({} if i == 7 else {"expression": CLASSES[place]}))
        if 50 <= i < 60:
            rows[-1]["video"] = "v"
    return write_store(rows, classes=CLASSES)


def test_rows_change_alike_whatever_rows_a_run_trains_on(store):
    noise = Symmetric(rate=0.5, seed=3)
    whole, part = noise.of(store, np.arange(60), POOL), noise.of(store, np.arange(20, 40), POOL)
    assert part.noisy.tolist() == whole.noisy[20:40].tolist()
    assert Symmetric(rate=0.5, seed=4).of(store, np.arange(60), POOL).noisy.tolist() != whole.noisy.tolist()
    assert len({*draws(store, 3)[50:60]}) == 1
    assert len({*draws(store, 3)[:51]}) == 51


def test_a_training_reads_noisy_labels_and_votes_and_an_evaluation_those_of_the_store(store):
    train, test = np.arange(60), np.arange(60, 80)
    noise = Symmetric(rate=0.5, seed=0).of(store, train, POOL)
    data = FaceData(store, Split(train, test, test, "test"), Shuffle(), batch_size=8, channels=1, noise=noise)
    seen = data.loader(train, [train.tolist()], data.training).dataset.__getitems__(train.tolist())
    assert data.training_labels().expression.tolist() == noise.noisy.tolist() == seen.expression.tolist()
    for row in train:
        before, after = store.votes[row], seen.votes[row].numpy()
        old, new = store.labels[row], noise.noisy[row]
        swapped = before.copy()
        if old != new:
            swapped[[old, new]] = before[[new, old]]
        assert after.tolist() == swapped.tolist()
    everything = np.arange(80)
    evaluated = data.samples_dataloader(everything).dataset.__getitems__(everything.tolist())
    assert evaluated.expression.tolist() == store.labels.tolist()
    assert (data.training.labels[test] == store.labels[test]).all()
    assert (data.training.votes[test] == store.votes[test]).all()


def test_what_is_recorded_counts_the_changes_and_is_read_back(store, tmp_path):
    rows = np.arange(60)
    noise = Pair(rate=0.4, seed=1, to={"a": "b"}).of(store, rows, POOL)
    facts = json.loads(json.dumps(noise.facts(store)))
    assert facts["words"] == "40 % a to b (noise seed 1)"
    assert (facts["num_rows"], facts["num_changed"]) == (59, facts["transition"][0][1])
    assert facts["transition"][0][1] == sum(noise.noisy[row] == 1 and store.labels[row] == 0 for row in range(60))
    noise.write(store, tmp_path / "noise.csv")
    again = NoisyLabels.recorded(tmp_path / "noise.csv", facts, store, rows)
    assert again.noisy.tolist() == noise.noisy.tolist()


def test_noise_follows_a_confusion_matrix_of_a_file(store, tmp_path):
    file = tmp_path / "matrix.csv"
    file.write_text("true,c,a,b\nb,5,0,5\na,0,8,0\nc,1,0,0\n")
    noisy = Confusion(rate=None, seed=0, matrix=str(file)).of(store, np.arange(60), POOL).noisy
    is_b = store.labels[:60] == 1
    assert (noisy[~is_b] == store.labels[:60][~is_b]).all()
    assert {*noisy[is_b].tolist()} == {1, 2}
    file.write_text("true,c,a,x\nb,5,0,5\na,0,8,0\nc,1,0,0\n")
    with pytest.raises(DataError, match="expected the classes a, b, c as columns"):
        Confusion(rate=None, seed=0, matrix=str(file)).of(store, np.arange(60), POOL)


def test_every_line_and_every_row_of_a_label_file_is_counted(store, tmp_path):
    file = tmp_path / "labels.csv"
    lines = ["row0,b", "row0,b", "row1,a", "row1,c", "row2,joy", "row3,a", "row65,a", "nobody,a", "row7,c", "row4,b"]
    file.write_text("\n".join(["id,label", *lines]) + "\n")
    found = LabelFile(str(file)).of(store, np.arange(60), POOL)
    expected = {"used": 4, "missing": 55, "repeated": 1, "twice": 1}
    expected |= {"no training row": 1, "unknown id": 1, "unknown class": 1}
    assert dict(found.counts) == expected
    assert {*found.counts} == {*COUNTED}
    assert [found.noisy[row] for row in (0, 1, 2, 3, 7, 4)] == [1, 1, 2, 0, 2, 1]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("id,class\nrow0,a\n", "columns id and label in .* found id, class"),
        ("id,label\nx,a\n", "gives no training row"),
        ("id,label\nrow0,a,b\n", "line 2 has more. Look for a separator inside of a cell"),
        ("\0", "damaged|column"),
    ],
)
def test_a_file_without_labels_is_refused(store, tmp_path, content, words):
    (tmp_path / "labels.csv").write_text(content)
    with pytest.raises(DataError, match=words):
        LabelFile(str(tmp_path / "labels.csv")).of(store, np.arange(60), POOL)


def test_a_store_without_classes_is_refused(write_store):
    store = write_store([{"split": "train", "score": 3.0}], classes=())
    for noise in (Symmetric(rate=0.1, seed=0), LabelFile("labels.csv")):
        with pytest.raises(ConfigError, match="has no classes"):
            noise.of(store, np.arange(1), POOL)
