from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import yaml

from fercli.config import compose, plain
from fercli.facts import packaged_facts
from fercli.runs.folder import RunFolder
from fercli.studies.store_tables import stores_tables
from fercli.studies.stores import compare_stores
from fercli.tables.export import render

CLASSES = ("fear", "anger")


@pytest.fixture
def evaluations(tmp_path):
    """One run on three stores: the first two share 60 of 80 samples, the third has others."""
    run = RunFolder(tmp_path / "run" / "seed0")
    run.path.mkdir(parents=True)
    nodes = plain(compose("train", ["metrics=[expression]"]).metrics)
    run.config.write_text(yaml.safe_dump({"metrics": {"accuracy": nodes["accuracy"]}}))
    found = []
    for name, start, wrong in (("usual", 0, 10), ("tight", 20, 30), ("others", 500, 0)):
        folder = RunFolder(run.evaluation(name, "test", "0a1b2c3d").path)
        folder.path.mkdir(parents=True)
        labels = np.arange(80) % 2
        predicted = np.where(np.arange(80) >= 80 - wrong, 1 - labels, labels)
        frame = pd.DataFrame({"id": [f"{start + i:04d}" for i in range(80)], "split": "test"})
        frame["expression"] = [CLASSES[label] for label in labels]
        for number, label in enumerate(CLASSES):
            frame[f"prob_{label}"] = (predicted == number).astype(float)
        frame.to_parquet(folder.predictions)
        score = {"value": 1 - wrong / 80, "low": 0.0, "high": 1.0} | packaged_facts()["accuracy"].document()
        protocol = {"dataset": "faces", "split": "test", "crop": f"{name} crop"}
        result = {"method": "softmax", "seed": 0, "num_rows": 80, "metrics": {"accuracy": score}, "protocol": protocol}
        result |= {"data": {"name": name, "classes": [*CLASSES]}}
        folder.finish(result)
        store = SimpleNamespace(path=tmp_path / "stores" / name)
        found.append(SimpleNamespace(run=run, folder=folder.path, data=SimpleNamespace(store=store), result=result))
    return found


def test_each_store_is_compared_with_the_first_on_the_samples_of_both(evaluations):
    tight, others = compare_stores(evaluations)
    assert (tight.num_both, tight.only_first, tight.only_here) == (60, 20, 20)
    (test,) = tight.tests
    usual_right = sum(not 70 <= i < 80 for i in range(20, 80))  # of the 80 of the first, 20 to 79 are in both
    tight_right = sum(not i - 20 >= 50 for i in range(20, 80))
    assert (test.first, test.second) == pytest.approx((tight_right / 60, usual_right / 60))
    assert test.low <= test.first - test.second <= test.high
    assert test.test == "McNemar"
    assert (others.num_both, others.tests) == (0, ())
    names = ["usual", "tight", "others"]
    numbers, differences = stores_tables([one.result for one in evaluations], names, [tight, others])
    assert [row.label for row in numbers.blocks[0].rows] == names
    assert [block.title for block in differences.blocks] == ["tight"]
    assert "tight: 60 samples in both stores; 20 only in usual, 20 only in tight." in differences.notes
    assert "tight: tight crop." in numbers.notes
    assert "McNemar" in render(differences, "terminal")
