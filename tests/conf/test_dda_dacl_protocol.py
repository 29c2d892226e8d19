"""What Farzaneh 2020 prints of its training, as the experiments have it (acceptance check A38)."""

import pytest

from fercli.config import compose

PROTOCOLS = {
    "wmnist": {0: 0.001, 20: 0.0008, 40: 0.00064, 60: 0.000512, 80: 0.0004096},
    "rafdb": {0: 1e-2, 20: 1e-3, 40: 1e-4},
    "affectnet": {0: 1e-2, 5: 1e-3, 10: 1e-4, 15: 1e-5},
    "rafdb_msceleb": {0: 1e-2, 20: 1e-3, 40: 1e-4},
    "affectnet_msceleb": {0: 1e-2, 5: 2e-3, 10: 4e-4, 15: 8e-5},
}
EPOCHS_AND_BATCH = {
    "wmnist": (100, 128),
    "rafdb": (60, 64),
    "affectnet": (20, 128),
    "rafdb_msceleb": (60, 128),
    "affectnet_msceleb": (20, 128),
}


@pytest.mark.parametrize("experiment", PROTOCOLS)
def test_rates_of_the_network_and_of_the_centers(experiment, rates_of):
    cfg = compose("train", [f"experiment=dda_dacl/{experiment}", "method=dda"])
    rates, optimizer = rates_of(cfg)
    assert {epoch: rates[epoch] for epoch in PROTOCOLS[experiment]} == pytest.approx(PROTOCOLS[experiment])
    assert cfg.scheduler.interval == "epoch"
    assert (cfg.trainer.max_epochs, cfg.trainer.batch_size) == EPOCHS_AND_BATCH[experiment]
    (group,) = optimizer.param_groups
    assert (group["momentum"], group["weight_decay"]) == (0.9, 5e-4)
    assert (cfg.center_bank.alpha, cfg.loss.center.weight) == (0.5, 0.01)
