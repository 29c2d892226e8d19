import json

import pytest


@pytest.fixture
def write_run():
    """Write a finished run folder; `changes` replace top-level keys of its metrics.json."""
    return _write_run


def _write_run(runs, name="dda_x", seed=0, accuracy=0.8, **changes):
    folder = runs / name / f"seed{seed}"
    folder.mkdir(parents=True)
    content = {
        "run_id": name,
        "method": "dda",
        "data": {"name": "ferplus", "fingerprint": "f1", "classes": ["neutral", "happiness"]},
        "backbone": "resnet18",
        "seed": seed,
        "protocol": {
            "split": "val",
            "selection": "holdout",
            "weights": None,
            "size": 48,
            "num_classes": 2,
            "budget": "full",
        },
        "metrics": {
            "accuracy": {"value": accuracy, "low": accuracy - 0.01, "high": accuracy + 0.01},
            "ece": {"value": 0.1},
        },
        "num_rows": 100,
        "commit": None,
    } | changes
    (folder / "metrics.json").write_text(json.dumps(content))
    return folder
