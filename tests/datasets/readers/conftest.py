"""Faces and helpers that the reader tests share."""

from collections import Counter

import pytest

from fercli.datasets.source import Source
from fercli.datasets.synthetic.faces import faces
from fercli.records import Record, Reject


@pytest.fixture(scope="session")
def eight():
    """Faces of all eight expressions."""
    return list(faces(40, seed=1, size=64))


@pytest.fixture(scope="session")
def seven():
    """Faces without contempt, which some data sets lack."""
    return list(
        faces(40, seed=2, classes=("neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger"), size=64)
    )


class Reading:
    """What a reader makes of a path."""

    def __init__(self, reader, path):
        with Source(path) as source:
            rows = list(reader.read(source))
        self.records = {row.id: row for row in rows if isinstance(row, Record)}
        self.rejects = {row.id: row for row in rows if isinstance(row, Reject)}
        assert len(self.records) + len(self.rejects) == len(rows) or "duplicate id" in self.reasons

    @property
    def reasons(self):
        return Counter(reject.reason for reject in self.rejects.values())


@pytest.fixture(scope="session")
def reading():
    return Reading
