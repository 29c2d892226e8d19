"""The vectors that the nodes of a graph start from: one for each class, one for valence and one for arousal.

An embedding has a width `dim` and a flag `trained`: whether training changes it. It returns (n, dim) for n node names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from fercli.errors import ConfigError, DataError, reading

GLOVE = "https://nlp.stanford.edu/projects/glove/"
WORDS = {"happiness": "happy", "sadness": "sad"}  # names of nodes in the source where they differ


class Embeddings(Protocol):
    """Names of nodes to vectors."""

    dim: int
    trained: bool

    def __call__(self, names: Sequence[str]) -> Tensor:
        """(n, dim) float32, one row for each name."""


@dataclass
class Gaussian:
    """Normal random vectors, fixed: they distinguish the nodes, but carry no meaning of words.

    Attributes:
        scale: standard deviation. All vectors that the graph computes grow with it: with 1, a training at a learning
            rate of 0.02 diverged, while other embeddings learned.
        seed: of a separate generator, so that every run has the same vectors.
    """

    dim: int = 300
    seed: int = 0
    scale: float = 0.4
    trained: bool = field(default=False, init=False)

    def __call__(self, names: Sequence[str]) -> Tensor:
        """(n, dim)."""
        generator = torch.Generator().manual_seed(self.seed)
        return self.scale * torch.randn(len(names), self.dim, generator=generator)


@dataclass
class Learned(Gaussian):
    """Normal random vectors that are trained with the other weights."""

    trained: bool = field(default=True, init=False)


@dataclass
class OneHot:
    """Rows of the identity matrix, fixed; columns beyond the number of nodes are 0."""

    dim: int = 300
    trained: bool = field(default=False, init=False)

    def __call__(self, names: Sequence[str]) -> Tensor:
        """(n, dim).

        Raises:
            ConfigError: dim is less than n.
        """
        if self.dim < len(names):
            raise ConfigError(f"expected head.embeddings.dim of {len(names)} or more, one per node; found {self.dim}")
        return F.one_hot(torch.arange(len(names)), self.dim).float()


@dataclass
class GloVe:
    """Word vectors of a GloVe text file, fixed. The file is read only before training; a trained head contains them.

    Attributes:
        path: of a file such as glove.6B.300d.txt: each line has a word and its numbers.
        dim: numbers per word.
        words: words of the file by node name; other names are looked up in lower case. By default, happiness is looked
            up as happy and sadness as sad.

    Source: Pennington et al. 2014. Antoniadis 2021 does not say which vectors were used.
    """

    path: str
    dim: int = 300
    words: Mapping[str, str] = field(default_factory=lambda: WORDS)
    trained: bool = field(default=False, init=False)

    def __call__(self, names: Sequence[str]) -> Tensor:
        """(n, dim).

        Raises:
            DataError: the file is missing, has vectors of another width, or lacks one of the words.
        """
        words = [self.words.get(name, name).lower() for name in names]
        found = self._vectors(set(words))
        missing = [name for name, word in zip(names, words, strict=True) if word not in found]
        if missing:
            raise DataError(
                f"{self.path} has no vector for {', '.join(missing)}; "
                f"give a word that it has, such as '+head.embeddings.words={{{missing[0]}: <word>}}'"
            )
        return torch.tensor([found[word] for word in words])

    def _vectors(self, words: set[str]) -> dict[str, list[float]]:
        file = Path(self.path)
        if not file.is_file():
            raise DataError(
                f"expected GloVe word vectors in {file}, found no file. Download glove.6B.zip from {GLOVE}, unpack it, "
                "and give the path of its glove.6B.300d.txt: as word_vectors for a study or an experiment of "
                "Emotion-GCN, else as head.embeddings.path. null takes random vectors, unlike the publication"
            )
        found: dict[str, list[float]] = {}
        with reading(file, "GloVe word vectors"), file.open(encoding="utf-8", errors="replace") as lines:
            for line_number, line in enumerate(lines, start=1):
                word, *numbers = line.rstrip().split(" ")
                if word in words:
                    if len(numbers) != self.dim:
                        raise DataError(
                            f"expected {self.dim} numbers after '{word}' in {file}, found {len(numbers)}; "
                            f"set head.embeddings.dim={len(numbers)}, or give another file"
                        )
                    with reading(f"line {line_number} of {file}", f"finite numbers after '{word}'"):
                        found[word] = [float(number) for number in numbers]
                        if not np.isfinite(np.array(found[word], np.float32)).all():
                            raise ValueError("a number that is not finite")
                    if len(found) == len(words):
                        break
        return found


@dataclass
class WordVectors(GloVe):
    """GloVe vectors if there is a path, else the vectors of `Gaussian`, which need no download.

    Attributes:
        path: as in `GloVe`, or None.
    """

    path: str | None = None  # type: ignore[assignment]

    def __call__(self, names: Sequence[str]) -> Tensor:
        """(n, dim).

        Raises:
            DataError: as in `GloVe`.
        """
        return Gaussian(self.dim)(names) if self.path is None else super().__call__(names)
