import pytest
import torch

from fercli.config import instantiate


@pytest.fixture
def rates_of():
    """For a configuration: the learning rate of each epoch, and the optimizer, which is of one weight."""

    def rates(cfg):
        optimizer = instantiate(cfg.optimizer)([torch.nn.Parameter(torch.zeros(1))])
        scheduler = instantiate(cfg.scheduler.scheduler)(optimizer)
        found = []
        for _ in range(cfg.trainer.max_epochs):
            found.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
        return found, optimizer

    return rates
