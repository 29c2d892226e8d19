"""The classes of a network and of a data set, joined by name."""

from dataclasses import dataclass, replace

import numpy as np

from fercli.errors import DataError, choose, printable
from fercli.fields import UNLABELLED

Columns = dict[str, np.ndarray]


@dataclass(frozen=True)
class JoinedClasses:
    """The classes that a network knows, and those of the data set that it is evaluated on.

    Attributes:
        known: names in the order of the network's outputs.
        found: names in the label order of the data set.
        only: the classes to evaluate; empty for all that both sides have.
    """

    known: tuple[str, ...]
    found: tuple[str, ...]
    only: tuple[str, ...] = ()

    def require_common(self, where: object) -> None:
        """Make sure that there are classes to evaluate.

        Args:
            where: of the data set, for the message.

        Raises:
            ConfigError: `only` names a class that one side lacks.
            DataError: no class has the same name on both sides.
        """
        for name in self.only:
            choose("class", name, replace(self, only=()).common, f" that the run knows and {where} has")
        if not self.common and (self.known or self.found):
            known, found = (printable(", ".join(names)) for names in (self.known, self.found))
            raise DataError(f"the run knows {known}; {where} has {found}: no class in common")

    @property
    def is_part(self) -> bool:
        """Whether the evaluated classes are not all classes of both sides."""
        return not set(self.known) == set(self.found) == set(self.common)

    @property
    def common(self) -> tuple[str, ...]:
        """Names of the classes to evaluate, which both sides have, in the order of the network's outputs."""
        found = set(self.found) & set(self.only or self.found)
        return tuple(name for name in self.known if name in found)

    @property
    def all(self) -> tuple[str, ...]:
        """Names of all classes: those of the network, then those that only the data set has."""
        known = set(self.known)
        return self.known + tuple(name for name in self.found if name not in known)

    def in_common(self, columns: Columns) -> tuple[Columns, dict[str, int]]:
        """Keep the rows of the common classes, and the probabilities of these classes.

        The probabilities of the common classes are divided by their sum. So the predicted class is the most probable
        one of the common classes. Where the network gives all of them the probability 0, they become equal.

        Args:
            columns: of the prediction table; `expression` (n,) is an index of `found`.

        Returns:
            The columns, with an index of `common` as `expression`; the number of rows left out, by class.
        """
        kept = self._labelled(columns, self.common)
        if "probabilities" in columns:
            common = set(self.common)
            part = columns["probabilities"][:, [name in common for name in self.known]]
            sums = part.sum(axis=1, keepdims=True)
            kept["probabilities"] = np.where(sums > 0, part / np.where(sums > 0, sums, 1), 1 / max(1, part.shape[1]))
        numbers = np.bincount(columns["expression"][columns["expression"] >= 0], minlength=len(self.found))
        counts, common = zip(self.found, numbers.tolist(), strict=True), set(self.common)
        return kept, {name: number for name, number in counts if number and name not in common}

    def of_all(self, columns: Columns) -> Columns:
        """Return the columns over all classes; a class that the network does not know has probability 0.

        So every row of a class that the network does not know is wrong, and so is every prediction of a class that the
        data set does not have.
        """
        kept = self._labelled(columns, self.all)
        if "probabilities" in columns:
            given = columns["probabilities"]
            kept["probabilities"] = np.pad(given, ((0, 0), (0, len(self.all) - given.shape[1])))
        return kept

    def _labelled(self, columns: Columns, names: tuple[str, ...]) -> Columns:
        """Return the columns with an index of `names` as `expression`; UNLABELLED for any other class."""
        place = {name: i for i, name in enumerate(names)}
        index = np.array([place.get(name, UNLABELLED) for name in self.found] + [UNLABELLED])
        return columns | {"expression": index[columns["expression"]]}  # UNLABELLED is -1: the last entry
