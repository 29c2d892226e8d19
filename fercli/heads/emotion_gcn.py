"""Emotion-GCN: a graph convolutional network computes classifiers and regressors from embeddings of their names."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fercli.batch import Labels
from fercli.errors import ConfigError, DataError, choose
from fercli.heads.embeddings import Embeddings
from fercli.heads.vectors import AFFECT, NamedVectors
from fercli.ops.graph import adjacency, affect_correlation, conditional_from_bins, conditional_from_counts
from fercli.prediction import Features

EDGES = ("bipartite", "expression")


def graph_convolution(adjacency: Tensor, nodes: Tensor, weights: Iterable[Tensor], slope: float = 0.2) -> Tensor:
    """H <- LeakyReLU(adjacency @ H @ weight) for each weight, without the activation after the last.

    Args:
        adjacency: (n, n); it multiplies from the left. Its rows sum to 1, except with the normalization `transpose`.
        nodes: (n, d_0).
        weights: (d_l, d_l+1).
        slope: of LeakyReLU below 0.

    Source: Antoniadis 2021, section 6.3. The slope, and no activation at the end, as in the released code.
    """
    rows = nodes
    for layer, weight in enumerate(weights):
        rows = adjacency @ (F.leaky_relu(rows, slope) if layer else rows) @ weight
    return rows


class EmotionGCNHead(nn.Module):
    """A graph over the K classes, valence and arousal gives each a vector; scores are its products with the feature.

    The vectors are W (K + 2, dim). The graph is fitted to the training labels before training and then fixed. W does
    not depend on the image: in evaluation without gradients it is computed once. It is computed in the precision of
    its weights, with or without autocast.

    Args:
        dim: width of the feature, and of W.
        num_classes: K.
        embeddings: what the nodes start from; see `fercli.heads.embeddings`.
        classes: their names, which the embeddings turn into vectors.
        num_layers: 1, 2 or 3.
        hidden: width of all layers except the last.
        tau: smallest magnitude of a correlation that makes an edge.
        p: total weight of the neighbors of a node; 0.5 in the released code.
        normalization: of the adjacency: rows, literal or transpose; see `fercli.ops.graph.adjacency`.
        edges: `bipartite`: only between a class and valence or arousal. `expression`: also between classes, where the
            probability of one given the other reaches tau.
        cooccurrences: for `expression`: path of a CSV table with class names in its first row and first column. Each
            cell has the number of samples with both classes. None: estimate the probabilities from bins of the
            valence-arousal plane, because the source does not say where its counts come from.
        num_bins: bins along each axis of this plane.
        slope: of LeakyReLU below 0.

    Raises:
        ConfigError: unknown edges, or a number of layers other than 1, 2 and 3.

    Source: Antoniadis 2021, chapter 6.
    """

    fits: Sequence[str] = ("expression", "affect")
    correlation: Tensor
    adjacency: Tensor
    nodes: Tensor

    def __init__(
        self,
        dim: int,
        num_classes: int,
        embeddings: Embeddings,
        classes: Sequence[str] | None = None,
        num_layers: int = 2,
        hidden: int = 512,
        tau: float = 0.1,
        p: float = 0.7,
        normalization: str = "rows",
        edges: str = "bipartite",
        cooccurrences: str | None = None,
        num_bins: int = 5,
        slope: float = 0.2,
    ):
        super().__init__()
        choose("head.edges", edges, EDGES)
        if num_layers not in (1, 2, 3):
            raise ConfigError(f"expected head.num_layers as 1, 2 or 3, found {num_layers}")
        self.num_classes = num_classes
        self.classes = [f"class {k}" for k in range(num_classes)] if classes is None else list(classes)
        self.embeddings = embeddings
        self.tau, self.p, self.normalization = tau, p, normalization
        self.edges, self.cooccurrences, self.num_bins = edges, cooccurrences, num_bins
        self.slope = slope
        widths = (embeddings.dim, *[hidden] * (num_layers - 1), dim)
        self.weights = nn.ParameterList(_uniform(*pair) for pair in pairwise(widths))
        # NaN until fitted, so that a result that was computed without a graph is noticed.
        num_nodes = num_classes + 2
        self.register_buffer("correlation", torch.full((2, num_classes), torch.nan))
        self.register_buffer("adjacency", torch.full((num_nodes, num_nodes), torch.nan))
        if embeddings.trained:
            self.nodes = nn.Parameter(embeddings(self.names))
        else:
            self.register_buffer("nodes", torch.full((num_nodes, embeddings.dim), torch.nan))
        self._cached: Tensor | None = None
        self.register_load_state_dict_post_hook(_forget)

    @property
    def names(self) -> list[str]:
        """Names of the nodes: classes, valence, arousal."""
        return [*self.classes, "valence", "arousal"]

    @torch.no_grad()
    def fit(self, labels: Labels) -> None:
        """Compute correlations and graph from the training labels, and the vectors of the nodes from the embeddings.

        Raises:
            ConfigError: tau or p is out of its range, or unknown normalization.
            DataError: no row has both labels, or a file is missing or not as expected.
        """
        self._forget()
        correlation = affect_correlation(labels.expression, labels.affect, self.num_classes)
        graph = adjacency(correlation, self.tau, self.p, self.normalization, self._conditional(labels))
        self.correlation.copy_(torch.from_numpy(correlation))
        self.adjacency.copy_(torch.from_numpy(graph))
        if not self.embeddings.trained:
            self.nodes.copy_(self.embeddings(self.names))

    def _conditional(self, labels: Labels) -> np.ndarray | None:
        if self.edges == "bipartite":
            return None
        if self.cooccurrences is None:
            return conditional_from_bins(labels.expression, labels.affect, self.num_classes, self.num_bins)
        return conditional_from_counts(_read_counts(self.cooccurrences, self.classes))

    def vectors(self) -> Tensor:
        """W (K + 2, dim): the classifiers of the classes, then the regressors of valence and arousal."""
        if self.training or torch.is_grad_enabled():
            return self._compute()
        if self._cached is None:
            self._cached = self._compute()
        return self._cached

    def named_vectors(self, classes: Sequence[str]) -> NamedVectors:
        """Return W: the vectors of the classes, then those of valence and arousal."""
        return self.vectors(), [*classes, *AFFECT]

    def _compute(self) -> Tensor:
        with torch.autocast(self.adjacency.device.type, enabled=False):
            return graph_convolution(self.adjacency, self.nodes, self.weights, self.slope)

    def forward(self, features: Features) -> dict[str, Tensor]:
        """`logits` (B, K), `predicted_affect` (B, 2) and `class_vectors` (K, dim)."""
        vectors, k = self.vectors(), self.num_classes
        scores = F.linear(features.vector, vectors)
        return {"logits": scores[:, :k], "predicted_affect": scores[:, k:], "class_vectors": vectors[:k]}

    def train(self, mode: bool = True) -> "EmotionGCNHead":
        """Set training or evaluation mode; W will be computed again."""
        self._forget()
        return super().train(mode)

    def _apply(self, fn: Any, recurse: bool = True) -> "EmotionGCNHead":
        self._forget()
        return super()._apply(fn, recurse)

    def _forget(self) -> None:
        self._cached = None


def _forget(head: nn.Module, _: Any) -> None:
    assert isinstance(head, EmotionGCNHead)
    head._forget()


def _uniform(num_in: int, num_out: int) -> nn.Parameter:
    """Draw as in the released code: uniformly within +-1 / sqrt(num_out)."""
    return nn.Parameter(torch.empty(num_in, num_out).uniform_(-(num_out**-0.5), num_out**-0.5))


def _read_counts(path: str, classes: Sequence[str]) -> np.ndarray:
    """(K, K) co-occurrences in the order of the classes."""
    file = Path(path)
    if not file.is_file():
        raise DataError(f"expected co-occurrences of the classes in {file}, found no file; see head.cooccurrences")
    table = pd.read_csv(file, index_col=0)
    for names in (table.index, table.columns):
        if sorted(map(str, names)) != sorted(classes):
            raise DataError(
                f"expected the classes {', '.join(classes)} as first row and first column of {file}, "
                f"found {', '.join(map(str, names))}"
            )
    return table.rename(index=str).loc[list(classes), list(classes)].to_numpy(np.float64)
