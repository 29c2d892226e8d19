import csv
import json

import numpy as np
import pytest

from fercli.datasets.store import Store
from tests.stores import write_twins


def test_the_agreement_of_the_annotators_is_printed_for_each_split(shell, faces):
    printed = shell("labels", str(faces)).out
    assert [line.split()[0] for line in printed.splitlines()[2:5]] == ["train", "val", "test"]
    found = json.loads(shell("labels", str(faces), "--json").out)["agreement"]
    assert all(0 < facts["agreement"]["low"] < facts["agreement"]["high"] < 1 for facts in found.values())


def test_suspects_become_a_page_and_a_file(shell, tmp_path):
    pytest.importorskip("cleanlab", reason="cleanlab is an optional extra: pip install fercli[mislabels]")
    store = Store(write_twins(tmp_path / "store"))
    rows = store.rows("train")
    rng = np.random.default_rng(0)
    with (tmp_path / "theirs.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", *(f"prob_{name}" for name in store.classes)])
        for row in rows:
            is_wrong = row in (3, 8)
            true = 1 - store.labels[row] if is_wrong else store.labels[row]
            sure = 0.95 if is_wrong else rng.uniform(0.8, 0.9)
            writer.writerow([store.column("id")[row], *np.where(np.arange(2) == true, sure, 1 - sure)])
    done = shell("labels", str(store.path), str(tmp_path / "theirs.csv"), "--out", str(tmp_path / "out"))
    assert "Not known what these were trained on: theirs.csv." in done.out
    with (tmp_path / "out" / "suspects.csv").open(newline="") as file:
        assert {line["id"] for line in csv.DictReader(file)} == {"face03", "face08"}
    assert "face03" in (tmp_path / "out" / "suspects.html").read_text()


def test_a_store_without_votes_needs_predictions(refused, digits):
    assert "holds no votes of several annotators; name predictions" in refused("labels", str(digits))
