import json
import os
from dataclasses import asdict, replace

import pandas as pd
import pytest

from fercli.facts import packaged_facts
from fercli.protocol import Protocol
from fercli.studies import differences
from fercli.studies.grid import Request, plan
from fercli.studies.printed import published_number
from fercli.studies.study import study_from
from tests.stores import describe

# Of runs of the small study.
RAFDB = Protocol(
    "RAF-DB",
    split="test",
    split_rule="official",
    classes="7",
    crop="aligned images of the release, 90 x 90 of 100 x 100",
    landmarks="none",
    pretraining="ImageNet",
    selection="holdout",
    criterion="accuracy",
    aggregation="single",
    repeats="1",
)
# What the source says of its rows of Table 3.3, and what runs depart from on purpose.
PRINTED = replace(RAFDB, landmarks="", selection="", criterion="")
INTENDED = [
    {"field": name, "reason": "not said in print", "printed": ""} for name in ("landmarks", "selection", "criterion")
] + [{"field": "aggregation", "reason": "more seeds", "printed": "single"}]

# Two published rows with runs of their own, one quoted from another paper.
SMALL = {
    "title": "Losses on RAF-DB",
    "source": "dda-dacl",
    "table": "Table 3.3",
    "data": "rafdb",
    "base": ["experiment=dda_dacl/rafdb"],
    "smoke": ["backbone.weights=null"],
    "seeds": [0, 1, 2],
    "metrics": ["accuracy", "mean_class_accuracy"],
    "rows": [
        {"label": "center", "overrides": ["method=center"], "published": "center loss"},
        {"label": "DDA", "overrides": ["method=dda"], "published": "DDA loss"},
        {"label": "gACNN", "published": "gACNN"},
    ],
    "claims": [{"better": "DDA", "worse": "center", "metric": "accuracy"}],
    "intended": INTENDED,
}


@pytest.fixture
def small():
    """The content of a small study's yaml, to be changed by a test."""
    return json.loads(json.dumps(SMALL))


@pytest.fixture
def prints(monkeypatch):
    """Let the source print its numbers under a protocol: that of Table 3.3, changed in some fields."""

    def under(**changes):
        protocol = replace(PRINTED, **changes)
        monkeypatch.setattr(
            differences,
            "published_protocol",
            lambda study, row, metric: None if published_number(study, row, metric) is None else protocol,
        )

    return under


@pytest.fixture
def request_for(tmp_path):
    """A request whose stores hold the named data sets: as much of a store as a plan reads."""

    def prepare(*names, **options):
        for name in names:
            counts = {"train": {"fear": 1}, "test": {"fear": 1}}
            describe(tmp_path / "stores" / name, name=name, fingerprint=f"fingerprint of {name}", counts=counts)
        return Request(**{"runs": tmp_path / "runs", "stores": tmp_path / "stores"} | options)

    return prepare


@pytest.fixture
def small_plan(small, request_for):
    """The plan of the small study on its own data."""
    return plan(study_from("small", small), request_for("rafdb"))


@pytest.fixture
def fitted_plan(small, request_for):
    """One seed of two networks: one with a row of its own and two classifiers, one with a classifier alone."""
    small["rows"] = [
        {"label": "center", "overrides": ["method=center"], "published": "center loss"},
        {"label": "center, SVM", "overrides": ["method=center"], "classifier": "svm"},
        {"label": "center, linear", "overrides": ["method=center"], "classifier": "linear_svm"},
        {"label": "DDA", "overrides": ["method=dda"], "classifier": "svm", "published": "DDA loss"},
    ]
    return plan(study_from("small", small | {"seeds": [0]}), request_for("rafdb"))


@pytest.fixture
def finish():
    """Write what a finished training of a cell leaves behind."""
    return _finish


def _finish(cell, accuracy=0.8, predicted=None, **protocol):
    """`predicted`: the answers to a sample of fear and one of anger; without it, 1,000 samples of this accuracy."""
    cell.result.path.mkdir(parents=True)
    true = ["fear", "anger"] * (500 if predicted is None else 1)
    if predicted is None:
        others = {"fear": "anger", "anger": "fear"}
        predicted = [name if i < round(1000 * accuracy) else others[name] for i, name in enumerate(true)]
    frame = pd.DataFrame({"id": [f"sample {i:03}" for i in range(len(true))], "split": "test", "expression": true})
    frame["predicted"] = predicted
    for name in ("fear", "anger"):
        frame[f"prob_{name}"] = (frame["predicted"] == name).astype(float)
    frame.to_parquet(cell.result.predictions)
    metrics = {"accuracy": accuracy, "mean_class_accuracy": accuracy - 0.1}
    content = {
        "run_id": cell.run.run_id,
        "method": "dda",
        "data": {"name": "rafdb", "fingerprint": "fingerprint of rafdb", "classes": ["fear", "anger"]},
        "backbone": "resnet18",
        "seed": cell.seed,
        "protocol": asdict(RAFDB) | {"size": 90, "budget": "full"} | protocol,
        "metrics": {
            name: {"value": value, "low": value - 0.01, "high": min(1.0, value + 0.01)}
            | packaged_facts()[name].document()
            for name, value in metrics.items()
        },
        "num_rows": 3068,
        "commit": None,
        "seconds": 60.0,
    }
    if cell.classifier is not None:
        content["classifier"] = {"key": cell.classifier, "about": f"{cell.classifier} fitted to 270 samples"}
    cell.result.finish(content)


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Put a program of this name and of these shell lines before those of the machine."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    def write(name, lines):
        (folder / name).write_text(f"#!/bin/bash\n{lines}\n")
        (folder / name).chmod(0o755)

    write.environment = dict(os.environ)
    return write
