import numpy as np
import pandas as pd
import pytest

from fercli.datasets.store import Store
from fercli.errors import DataError
from fercli.inference.external import left_out_rows, read_external
from tests.stores import write_twins

TEST = [f"face{i}" for i in range(40, 60)]


@pytest.fixture(scope="module")
def store(once):
    return Store(once("external", lambda folder: write_twins(folder / "store")) / "store")


@pytest.fixture
def read(store, tmp_path):
    def read(frame, name="theirs.csv"):
        frame.to_csv(tmp_path / name, index=False)
        return read_external(tmp_path / name, store, "test")

    return read


def table(ids=TEST, key="id", sadness=None, **columns):
    sadness = np.linspace(0, 1, len(ids)) if sadness is None else sadness
    return pd.DataFrame({key: ids, "sadness": sadness, "happiness": 1 - np.asarray(sadness)} | columns)


def test_probabilities_are_matched_by_id_in_any_order(read, store):
    found = read(table().sample(frac=1, random_state=0))
    np.testing.assert_array_equal(found.rows, np.arange(40, 60))
    np.testing.assert_allclose(found.columns["probabilities"][:, 0], np.linspace(0, 1, 20))
    assert (found.kind, sum(found.counts.values())) == ("probabilities", 0)


@pytest.mark.parametrize("name", ["crops/{}.jpg", "{}", r"C:\faces\{}.png"])
def test_file_names_match_with_or_without_folder_and_suffix(read, name):
    assert len(read(table([name.format(one) for one in TEST], "file")).rows) == 20


def test_scores_become_probabilities_by_softmax_and_votes_by_their_share(read):
    logits = np.linspace(-3, 3, 20)
    scores = pd.DataFrame({"id": TEST, "happiness": logits, "sadness": 1.0})
    expected = np.exp(logits) / (np.exp(logits) + np.e)
    found = read(scores)
    np.testing.assert_allclose(found.columns["probabilities"][:, 1], expected)
    votes = read(pd.DataFrame({"id": TEST, "votes_happiness": 3, "votes_sadness": 7}))
    np.testing.assert_allclose(votes.columns["probabilities"], np.tile([0.7, 0.3], (20, 1)))
    assert (found.kind, votes.kind) == ("scores", "votes")


def test_only_the_class_and_numbers_of_a_recording_are_read(read):
    found = read(pd.DataFrame({"id": TEST, "predicted": ["sadness"] * 19 + ["joy"], "valence": 0.5}))
    assert (found.kind, found.counts["no class"], len(found.rows)) == ("class", 1, 19)
    assert found.columns["predicted_valence"].tolist() == [0.5] * 19


def test_a_prediction_for_a_subject_counts_for_its_rows(read, store):
    found = read(pd.DataFrame({"subject": ["p0", "p41"], "predicted": "sadness"}))
    assert [store.column("subject")[row] for row in found.rows] == ["p41", *["p0"] * 5]
    assert found.counts["missing"] == 14


def test_missing_double_unknown_and_unreadable_rows_are_counted_and_named(read):
    frame = table()
    frame = pd.concat([frame[2:], frame[4:5], frame[5:6].assign(sadness=0.9, happiness=0.1)])
    frame.loc[len(frame)] = ["=1+1", 0.5, 0.5]
    frame = frame.astype(object).reset_index(drop=True)
    frame.loc[8, "sadness"] = "inf"
    found = read(frame)
    # face45 is contradicted: both of its lines are left out, and it is missing
    counts = {reason: number for reason, number in found.counts.items() if number}
    assert counts == {"missing": 4, "twice": 2, "repeated": 1, "unknown": 1, "not a number": 1}
    assert len(found.rows) == 16
    named = {(one["name"], one["reason"]) for one in left_out_rows(found)}
    assert {("=1+1", "unknown"), ("face45", "twice"), ("face40", "missing"), ("face44", "repeated")} <= named


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (pd.DataFrame({"name": TEST, "score": 1.0}), "no column of id, file, video, subject"),
        (pd.DataFrame({"id": TEST, "sadness": 1.0}), "lacks happiness"),
        (pd.DataFrame({"id": TEST, "other": 1.0}), "holds no predictions"),
        (table([f"x{i}" for i in range(20)]), "matches no row of split 'test'"),
        (table().head(0), "found a header without lines"),
        (pd.DataFrame({"id": ["a" * 5000], "score": 1.0}), "cell of more than"),
    ],
)
def test_a_file_that_cannot_be_used_gives_one_message(read, frame, says):
    with pytest.raises(DataError, match=says):
        read(frame)


def test_a_damaged_file_gives_one_message(store, tmp_path):
    for name, content, says in (
        ("a.csv", b"\xff\xfe\x00", "no column of id"),
        ("b.parquet", b"PAR1", "is damaged: expected a CSV or Parquet table of predictions"),
        ("c.csv", b"", "expected a table of predictions in .*c.csv; found an empty file"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=says):
            read_external(tmp_path / name, store, "test")


@pytest.mark.parametrize("prefix", ["prob_", ""])
def test_a_faulty_line_is_left_out_and_the_others_stay_probabilities(read, prefix):
    sadness = np.full(20, 0.7)
    sadness[0] = 1.4  # no probabilities: the other class is negative
    frame = pd.DataFrame({"id": TEST, f"{prefix}sadness": sadness, f"{prefix}happiness": 1 - sadness})
    frame.loc[1, f"{prefix}happiness"] = 0.9  # a sum of 1.6
    found = read(frame)
    assert (found.kind, found.counts["no probabilities"], len(found.rows)) == ("probabilities", 2, 18)
    np.testing.assert_allclose(found.columns["probabilities"], np.tile([0.7, 0.3], (18, 1)))
    assert "a sum of 1.6" in [*left_out_rows(found)][1]["detail"]


@pytest.mark.parametrize(
    ("separator", "encoding"), [(",", "utf-8-sig"), (";", "utf-8"), ("\t", "utf-16"), (";", "windows-1252")]
)
def test_spreadsheets_separators_encodings_and_capitals_are_read(store, tmp_path, separator, encoding):
    comma = separator == ";"
    lines = [("File", "Prob_Sad", "PROB_HAPPY", "Größe"), *((name, "0.75", "0.25", "1") for name in TEST)]
    text = "\n".join(separator.join(cell.replace(".", "," if comma else ".") for cell in line) for line in lines)
    (tmp_path / "theirs.csv").write_text(text + "\nface40" + 5 * f"{separator}1", encoding)
    found = read_external(tmp_path / "theirs.csv", store, "test")
    assert (found.key, found.kind, found.unread, found.counts["odd line"]) == ("file", "probabilities", ("Größe",), 1)
    np.testing.assert_allclose(found.columns["probabilities"], np.tile([0.75, 0.25], (20, 1)))


def test_a_file_of_which_no_line_can_be_used_says_why(read):
    for frame, says in (
        (pd.DataFrame({"id": TEST, "predicted": 1}), r"20 no class: .* found '1'; classes: sadness, happiness"),
        (pd.DataFrame({"id": TEST, "prob_sad": 70, "prob_happy": 30}), "a sum of 100; .* divide percentages by 100"),
        (table([f"faces/{name}.png" for name in TEST]), "name the column `file` in place of `id`"),
        (pd.DataFrame({"id": TEST, "prob_sad": 1, "prob_sadness": 1, "prob_happy": 1}), "two columns of the class sad"),
    ):
        with pytest.raises(DataError, match=says):
            read(frame)
