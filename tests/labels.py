"""Labels of some rows, for what draws by the labels of a training split or is fitted to them."""

from dataclasses import fields

import numpy as np

from fercli.batch import Labels
from fercli.fields import NUMBERS, UNLABELLED, joined


def labels_of(expression=None, **columns):
    """Labels of the given columns; all others are unknown."""
    known = {
        name: np.asarray(given) for name, given in ({"expression": expression} | columns).items() if given is not None
    }
    num_rows = len(next(iter(known.values())))
    unknown = {field.name: np.full(num_rows, UNLABELLED) for field in fields(Labels) if field.name != "scale"}
    return Labels(**unknown | joined(dict.fromkeys(NUMBERS, np.full(num_rows, np.nan))) | known)
