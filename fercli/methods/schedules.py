"""Learning rate schedules that keep the rates of the parameter groups, unlike those of torch."""

from torch.optim import Optimizer
from torch.optim.lr_scheduler import OneCycleLR


def one_cycle(optimizer: Optimizer, total_steps: int, pct_start: float = 0.3) -> OneCycleLR:
    """Return a one-cycle schedule; the highest rate of each parameter group is the rate that the group starts with.

    Args:
        total_steps: number of steps of the whole training.
        pct_start: share of the steps that the warm-up takes.

    Source: Smith and Topin 2018, through torch.
    """
    rates = [group["lr"] for group in optimizer.param_groups]
    return OneCycleLR(optimizer, max_lr=rates, total_steps=total_steps, pct_start=pct_start)
