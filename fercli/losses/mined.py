"""A loss of pytorch-metric-learning on the pairs or triplets that a miner of that library picks."""

from torch import Tensor, nn


class MinedLoss(nn.Module):
    """`loss` on what `miner` picks from the batch; reads feature, expression.

    Args:
        loss: one of pytorch_metric_learning.losses.
        miner: one of pytorch_metric_learning.miners.
    """

    def __init__(self, loss: nn.Module, miner: nn.Module):
        super().__init__()
        self.loss = loss
        self.miner = miner

    def forward(self, feature: Tensor, expression: Tensor) -> Tensor:
        """Scalar loss; 0 where the miner finds nothing."""
        loss: Tensor = self.loss(feature, expression, self.miner(feature, expression))
        return loss
