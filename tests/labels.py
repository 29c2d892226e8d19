"""Labels of some rows, for what draws by the labels of a training split or is fitted to them."""

from dataclasses import fields

import numpy as np

from fercli.batch import Labels
from fercli.fields import OF_BATCH, UNLABELLED


def labels_of(expression=None, **columns):
    """Labels of the given columns; all others are unknown."""
    known = {
        name: np.asarray(given) for name, given in ({"expression": expression} | columns).items() if given is not None
    }
    num_rows = len(next(iter(known.values())))
    unknown = {field.name: np.full(num_rows, UNLABELLED) for field in fields(Labels) if field.name != "scale"}
    for name, numbers in OF_BATCH.items():
        unknown[name] = np.full((num_rows, len(numbers)) if len(numbers) > 1 else num_rows, np.nan)
    return Labels(**unknown | known)
