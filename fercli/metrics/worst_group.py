"""The metric in the worst of several groups of rows, such as the groups by gender and by age."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from fercli.errors import RunError, printable
from fercli.metrics.groups import FEWEST_SAMPLES, first_rows
from fercli.metrics.metric import Columns, Metric
from fercli.ops.group_names import column_of, in_order
from fercli.records import GROUPS

UNKNOWN = -1.0


@dataclass(frozen=True, kw_only=True)
class WorstGroup(Metric):
    """A metric of the worst group.

    Attributes:
        function: called with the columns in `reads`, and with the groups as `worst` takes them.
        by: descriptions of groups, see `fercli.ops.group_names`. The groups of all of them compete. Descriptions that
            the data does not have are left out.
    """

    by: Sequence[str] = GROUPS

    @property
    def arguments(self) -> Sequence[str]:
        """The columns, and the groups."""
        return (*self.reads, "groups")

    def lack(self, columns: Columns) -> str:
        """Return which column is missing, or that no row has a group; empty if there is a value."""
        return super().lack(columns) or ("" if self._known(columns) else f"no row has a group of {', '.join(self.by)}")

    def rows(self, columns: Columns) -> tuple[np.ndarray, ...]:
        """Return the columns in `reads`, and the groups of each sample.

        Raises:
            RunError: a video or a sitting whose rows are merged has rows in several groups.
        """
        first = first_rows(self, columns)
        groups = [self._numbers(columns, one)[first] for one in self._known(columns)]
        return (*super().rows(columns), np.stack(groups, axis=1))

    def _known(self, columns: Columns) -> list[str]:
        there = {one: columns.get(column_of(one), ()) for one in self.by}
        return [one for one, names in there.items() if any(name is not None for name in names)]

    def _numbers(self, columns: Columns, by: str) -> np.ndarray:
        """(n,) number of the group of each row."""
        groups = columns[column_of(by)]
        place = {name: float(number) for number, name in enumerate(in_order({*groups} - {None}))}
        found = np.array([place.get(name, UNKNOWN) for name in groups])
        if self.per != "row":
            kind, names = self.per, columns[self.per]
            for name in {*names} - {None}:
                if len(np.unique(found[names == name])) > 1:
                    raise RunError(
                        f"expected the rows of each {kind} in one group by {printable(by)}, found several for "
                        f"{printable(str(name))}"
                    )
        return found


def worst(*columns: np.ndarray, function: Callable[..., float], higher_is_better: bool) -> float:
    """Return the lowest value of a function over groups, or the highest one where lower is better.

    A group with fewer than 20 samples does not count. Without any other group, the value is NaN.

    Args:
        columns: those of the function, (n, ...), and last the groups, (n, m): the number of each sample's group by each
            of m descriptions, -1 where it is not known.
        function: of the columns of one group.
        higher_is_better: the direction of the function.

    Examples:
        >>> import numpy as np
        >>> from fercli.metrics.affect import mae
        >>> from fercli.metrics.worst_group import worst
        >>> true, predicted = np.zeros(40), np.repeat([1.0, 3.0], 20)
        >>> worst(true, predicted, np.repeat([[0.0], [1.0]], 20, axis=0), function=mae, higher_is_better=False)
        3.0
    """
    *values, groups = columns
    found = []
    for own in groups.T:
        for number in np.unique(own[own != UNKNOWN]):
            rows = np.flatnonzero(own == number)
            if len(rows) >= FEWEST_SAMPLES:
                found.append(float(function(*(value[rows] for value in values))))
    known = [value for value in found if not np.isnan(value)]
    if not known:
        return float("nan")
    return min(known) if higher_is_better else max(known)
