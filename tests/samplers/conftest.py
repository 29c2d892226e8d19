import numpy as np
import pytest

from fercli.batch import Labels


@pytest.fixture(scope="session")
def labels():
    """Labels of some rows; columns that are not given are unknown."""

    def make(expression=None, **columns):
        num_rows = len(expression if expression is not None else next(iter(columns.values())))
        unknown = {
            "expression": np.full(num_rows, -1),
            "affect": np.full((num_rows, 2), np.nan),
            "score": np.full(num_rows, np.nan),
            "age": np.full(num_rows, np.nan),
            "session": np.full(num_rows, -1),
            "subject": np.full(num_rows, -1),
        }
        given = columns if expression is None else columns | {"expression": expression}
        return Labels(**unknown | {name: np.asarray(column) for name, column in given.items()})

    return make
