"""What Lin 2021 prints of its training, as the experiments have it (acceptance check A32)."""

import numpy as np
import pytest

from fercli.batch import Labels
from fercli.config import compose, instantiate


@pytest.mark.parametrize("experiment", ["caer_s", "caer", "avec2014"])
def test_the_rate_falls_tenfold_every_forty_epochs(experiment, rates_of):
    cfg = compose("train", [f"experiment=crossmodal_gcn/{experiment}"])
    rates, _ = rates_of(cfg)
    assert cfg.scheduler.interval == "epoch"
    assert [rates[epoch] for epoch in (0, 39, 40, 79, 80, 119)] == pytest.approx([1e-3, 1e-3, 1e-4, 1e-4, 1e-5, 1e-5])


@pytest.mark.parametrize(("experiment", "drawn_by"), [("caer_s", "expression"), ("avec2014", "subject")])
def test_a_batch_has_ten_samples_of_each_of_seven(experiment, drawn_by):
    cfg = compose("train", [f"experiment=crossmodal_gcn/{experiment}"])
    numbers = np.repeat(np.arange(7), [300, 40, 40, 70, 90, 11, 30])
    unknown = np.full(len(numbers), -1)
    known = {"expression": unknown, "session": unknown, "subject": unknown} | {drawn_by: numbers}
    labels = Labels(**known, affect=np.empty(0), score=np.empty(0), age=np.empty(0))
    batches = numbers[instantiate(cfg.sampler)(labels, 0, 0)].reshape(-1, 70)
    assert len(batches) == len(numbers) // 70
    for batch in batches:
        assert np.bincount(batch).tolist() == [10] * 7
