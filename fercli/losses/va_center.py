"""Center losses that weight a sample by how typical its valence and arousal are for its class."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from fercli.charts import Curves
from fercli.errors import choose
from fercli.losses.center import REDUCTIONS, center_loss, center_step
from fercli.losses.center_local import center_local_loss, class_means
from fercli.ops.pairwise import full_precision

COLUMNS = {"both": slice(0, 2), "valence": slice(0, 1), "arousal": slice(1, 2)}


def affect_weight(distance: Tensor, num_dims: int = 2) -> Tensor:
    """(d_max - distance)^2 / 4: 2 for the typical sample, 0 at d_max = 2 sqrt(2), the diagonal of the plane.

    With one dimension, d_max is 2, the length of the axis, and the weight lies between 1 and 0. The source does not
    give this case.

    Source: Antoniadis 2021, section 4.5.
    """
    return (2 * num_dims**0.5 - distance).square() / 4


def affect_weights(affect: Tensor, expression: Tensor, dims: str = "both") -> Tensor:
    """(B, 1) weight of each sample, from the distance of its affect to the mean affect of its class in the batch.

    Args:
        affect: (B, 2) valence and arousal in [-1, 1].
        expression: (B,) int64.
        dims: `both`, `valence` or `arousal`.
    """
    known = full_precision(affect)[:, COLUMNS[dims]]
    distance = torch.linalg.vector_norm(known - class_means(known, expression), dim=1, keepdim=True)
    return affect_weight(distance, known.shape[1])


class _VAWeighted(nn.Module):
    def __init__(self, dims: str = "both", reduction: str = "mean"):
        super().__init__()
        self.dims = choose("choice of dims", dims, COLUMNS)
        self.reduction = choose("reduction of the VA-based center loss", reduction, REDUCTIONS)

    def charts(self, classes: Sequence[str]) -> list[Curves]:
        """Draw the weight of a sample against its distance to the mean affect of its class."""
        lines = {}
        for num_dims, label in ((2, "valence and arousal"), (1, "one of the two")):
            distance = torch.linspace(0, 2 * num_dims**0.5, 101, dtype=torch.float64)
            lines[label] = (distance.numpy(), affect_weight(distance, num_dims).numpy())
        caption = "Weight of a sample by its distance in affect"
        title, axes = "Weight in the VA-based center loss", ("distance to the mean affect of the class", "weight")
        levels = {"as in center loss": 1.0}
        return [Curves("distance_weight", caption, title, *axes, lines, limits=(0, 2.05), levels=levels)]


class VACenterLocal(_VAWeighted):
    """Center local loss of weighted samples, as in the tables of the source; reads feature, expression, affect.

    Args:
        dims: `both`, `valence` or `arousal`.
        reduction: `mean` is 1 / (2 B); `sum`, as printed, is 1 / 2.
        detach_mean: whether the mean feature of a class is a constant for the gradient. The source does not say; with
            unequal weights the two gradients differ.

    Raises:
        ConfigError: unknown dims or reduction.
    """

    def __init__(self, dims: str = "both", reduction: str = "mean", detach_mean: bool = True):
        super().__init__(dims, reduction)
        self.detach_mean = detach_mean

    def forward(self, feature: Tensor, expression: Tensor, affect: Tensor) -> Tensor:
        """Scalar loss."""
        weight = affect_weights(affect, expression, self.dims)
        return center_local_loss(feature, expression, self.reduction, weight, self.detach_mean)


class VACenter(_VAWeighted):
    """Center loss of weighted samples, with learned centers; reads feature, expression, affect, centers.

    The source prints no update of the centers: here the weight scales the pull of a sample, not its count, as the
    attention does in sparse center loss.

    Args:
        dims: `both`, `valence` or `arousal`.
        reduction: `mean` is 1 / (2 B); `sum`, as printed, is 1 / 2.

    Raises:
        ConfigError: unknown dims or reduction.
    """

    def forward(self, feature: Tensor, expression: Tensor, affect: Tensor, centers: Tensor) -> Tensor:
        """Scalar loss."""
        weight = affect_weights(affect, expression, self.dims)
        return center_loss(feature, expression, centers, self.reduction, weight)

    @torch.no_grad()
    def center_step(self, feature: Tensor, expression: Tensor, affect: Tensor, centers: Tensor) -> Tensor:
        """(K, dim) delta of the centers."""
        return center_step(feature, expression, centers, affect_weights(affect, expression, self.dims))
