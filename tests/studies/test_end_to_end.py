"""A whole study in clean processes: plan, train, table, and nothing left to run the second time."""

import json

import cv2
import numpy as np
import pytest

from fercli.datasets.shards import write_shard
from fercli.launch.local import launch
from fercli.studies.aggregate import read_results
from fercli.studies.grid import plan
from fercli.studies.study import study_from
from fercli.studies.tables import study_table
from tests.stores import describe, listed

STUDY = {
    "title": "Losses on two digits",
    "source": "dda-dacl",
    "table": "Table 3.1",
    "data": "mnist",
    "base": ["experiment=dda_dacl/wmnist", "trainer.batch_size=8", "trainer.max_epochs=1", "logger=none"],
    "seeds": [0, 1],
    "metrics": ["accuracy"],
    "rows": [
        {"label": "softmax", "overrides": ["method=softmax"]},
        {"label": "softmax, SVM", "overrides": ["method=softmax"], "classifier": "svm"},
        {"label": "DDA, SVM", "overrides": ["method=dda"], "classifier": "linear_svm"},
    ],
}


@pytest.fixture
def stores(tmp_path):
    """A store of 24 pictures of two digits, drawn by OpenCV."""
    folder = tmp_path / "stores" / "mnist"
    (folder / "shards").mkdir(parents=True)
    rows, counts = [], {"train": {"0": 8, "1": 8}, "test": {"0": 4, "1": 4}}
    for split, digits in counts.items():
        for digit, count in digits.items():
            for number in range(count):
                image = np.zeros((28, 28), dtype=np.uint8)
                cv2.putText(image, digit, (4 + number, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 255, 2)
                png = cv2.imencode(".png", image)[1].tobytes()
                rows.append({"id": f"{split}_{digit}_{number}", "split": split, "image": png, "expression": digit})
    shard = write_shard(folder / "shards", 0, rows, [])
    said = {"name": "mnist", "classes": ["0", "1"], "counts": counts, "fingerprint": shard.sha256}
    return describe(folder, **said, shards=listed([shard])).parent


def test_a_study_runs_once_and_its_numbers_are_those_of_its_runs(stores, request_for):
    planned = plan(study_from("tiny", STUDY), request_for(stores=stores))
    assert not any(finished.failed for finished in launch(planned.missing, jobs=2))
    assert planned.missing == []
    assert len({cell.run.path for cell in planned.cells}) == 4  # two seeds of two trainings
    (block,) = study_table(read_results(planned)).blocks
    for row in block.rows:
        runs = [json.loads(cell.result.metrics.read_text()) for cell in planned.cells if cell.label == row.label]
        values = [100 * run["metrics"]["accuracy"]["value"] for run in runs]
        assert row.cells["accuracy"].n == 2
        assert row.cells["accuracy"].value == pytest.approx(np.mean(values), rel=1e-9)
    notes = {row.label: row.notes for row in block.rows}
    assert notes["softmax"] == ()
    assert notes["softmax, SVM"][0].startswith("svm (radial kernel, exact) fitted to the features of ")
    assert notes["DDA, SVM"][0].startswith("linear_svm (LinearSVC) fitted to the features of ")
