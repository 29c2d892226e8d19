"""What the nodes of a graph start from: one vector for each class, for valence and for arousal.

An embedding has a width `dim`; `trained`, whether training changes it; and gives (n, dim) for the names of n nodes.
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
WORDS = {"happiness": "happy", "sadness": "sad"}  # the source names its nodes so; the other names are the same


class Embeddings(Protocol):
    """Names of nodes to vectors."""

    dim: int
    trained: bool

    def __call__(self, names: Sequence[str]) -> Tensor:
        """(n, dim) float32, one row for each name."""


@dataclass
class Gaussian:
    """Normal numbers, fixed: they tell the nodes apart and know nothing of words.

    Attributes:
        scale: standard deviation. All vectors that the graph makes grow with it: with 1, a training at a rate of 0.02
            diverged where others learn.
        seed: a generator of its own, the same vectors in every run.
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
    """Normal numbers that are trained with the other weights."""

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
    """Word vectors of a GloVe text file, fixed; read before training only, a trained head carries them.

    Attributes:
        path: of a file such as glove.6B.300d.txt: in each line a word and its numbers.
        dim: numbers per word.
        words: names of nodes to words of the file; others are looked up in lower case as they are. By default
            happiness is happy and sadness is sad.

    Source: Pennington et al. 2014; what Antoniadis 2021 has run, the thesis does not say.
    """

    path: str
    dim: int = 300
    words: Mapping[str, str] = field(default_factory=lambda: WORDS)
    trained: bool = field(default=False, init=False)

    def __call__(self, names: Sequence[str]) -> Tensor:
        """(n, dim).

        Raises:
            DataError: no such file, one with vectors of another width, or without one of the words.
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
                "and give the path of its glove.6B.300d.txt as word_vectors, in a study or with an experiment of "
                "Emotion-GCN, else as head.embeddings.path; null takes random vectors, which are not what was published"
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
    """GloVe vectors where there is a path, else the numbers of `Gaussian`, for which nothing needs to be downloaded.

    Attributes:
        path: as of `GloVe`; None for none.
    """

    path: str | None = None  # type: ignore[assignment]

    def __call__(self, names: Sequence[str]) -> Tensor:
        """(n, dim).

        Raises:
            DataError: as of `GloVe`.
        """
        return Gaussian(self.dim)(names) if self.path is None else super().__call__(names)
