"""Which edges of a similarity graph are kept. The choice gets no gradient, the kept weights do."""

from collections.abc import Sequence

import torch
from torch import Tensor

from fercli.errors import ConfigError, choose

EVAL_MODES = ("expected", "sample", "full")


class Sampling:
    """A scheme that turns similarities into the weights of a sparse graph, 0 where there is no edge.

    Attributes:
        per_receiver: each pixel chooses among the pixels that it receives from. The two directions between the
            modalities then have different graphs; otherwise one graph is the transpose of the other.
    """

    per_receiver = False

    def seeds(self, training: bool) -> Sequence[int | None]:
        """Return one seed for each pass; features are averaged over passes. None: a pass without random numbers."""
        return (None,)

    def __call__(self, similarity: Tensor, noise: Tensor | None = None) -> Tensor:
        """Return weights (B, r, P) for r rows of similarities (B, r, P) in [0, 1].

        Args:
            noise: (B, r, P), uniform in [0, 1); None in a pass without a seed.
        """
        raise TypeError(f"{type(self).__name__} defines no sampling")


class Full(Sampling):
    """Every edge."""

    def __call__(self, similarity: Tensor, noise: Tensor | None = None) -> Tensor:
        """Return the similarities themselves."""
        return similarity


class TopK(Sampling):
    """The k largest entries of each receiving pixel; all entries if there are fewer.

    Raises:
        ConfigError: k below 1.

    Source: Lin 2021, table 4-5.
    """

    per_receiver = True

    def __init__(self, k: int = 5):
        if k < 1:
            raise ConfigError(f"expected graph_sampling.k of 1 or more, found {k}")
        self.k = k

    def __call__(self, similarity: Tensor, noise: Tensor | None = None) -> Tensor:
        """Keep exactly k entries of each row; among equal entries, those that torch.topk takes."""
        best = similarity.detach().topk(min(self.k, similarity.shape[-1])).indices
        return similarity * torch.zeros_like(similarity).scatter_(-1, best, 1)


class Epsilon(Sampling):
    """Entries of at least epsilon.

    Raises:
        ConfigError: epsilon outside of [0, 1].

    Source: Lin 2021, table 4-5.
    """

    def __init__(self, epsilon: float = 0.5):
        if not 0 <= epsilon <= 1:
            raise ConfigError(f"expected graph_sampling.epsilon in [0, 1], found {epsilon}")
        self.epsilon = epsilon

    def __call__(self, similarity: Tensor, noise: Tensor | None = None) -> Tensor:
        """Keep the similarities that reach epsilon."""
        return similarity * (similarity >= self.epsilon)


class Bernoulli(Sampling):
    """Each entry is kept with its own value as the probability, independently of the others; every batch draws again.

    Args:
        eval_mode: what evaluation does; the source does not say. `expected`: each entry times its probability, the mean
            over all draws. `sample`: the features of `num_draws` fixed draws, averaged. `full`: every edge.
        num_draws: of `sample`.

    Raises:
        ConfigError: unknown mode, or no draw.

    Source: Lin 2021, equation 3.2.
    """

    def __init__(self, eval_mode: str = "expected", num_draws: int = 8):
        choose("graph_sampling.eval_mode", eval_mode, EVAL_MODES)
        if num_draws < 1:
            raise ConfigError(f"expected graph_sampling.num_draws of 1 or more, found {num_draws}")
        self.eval_mode = eval_mode
        self.num_draws = num_draws

    def seeds(self, training: bool) -> Sequence[int | None]:
        """Return in training one seed from torch's own generator, which is seeded at every step."""
        if training:
            return (int(torch.randint(2**63 - 1, ())),)
        return range(self.num_draws) if self.eval_mode == "sample" else (None,)

    def __call__(self, similarity: Tensor, noise: Tensor | None = None) -> Tensor:
        """Keep the entries above their noise. Without noise, follow `eval_mode`; `sample` then acts as `expected`."""
        if noise is not None:
            return similarity * (noise < similarity)
        return similarity if self.eval_mode == "full" else similarity * similarity.detach().clamp(0, 1)
