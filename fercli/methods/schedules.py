"""Learning rate schedules whose torch form takes no notice of the rates of single parameter groups."""

from torch.optim import Optimizer
from torch.optim.lr_scheduler import OneCycleLR


def one_cycle(optimizer: Optimizer, total_steps: int, pct_start: float = 0.3) -> OneCycleLR:
    """One cycle whose highest rate is, for each parameter group, the rate that the group came with.

    Args:
        total_steps: of the whole training.
        pct_start: share of the steps that the warm-up takes.

    Source: Smith and Topin 2018, through torch.
    """
    rates = [group["lr"] for group in optimizer.param_groups]
    return OneCycleLR(optimizer, max_lr=rates, total_steps=total_steps, pct_start=pct_start)
