from types import SimpleNamespace

import numpy as np
import pytest

from fercli.datasets.splits import Split
from fercli.experiment.landmarks import landmark_source
from fercli.methods.dlga import DLGA
from fercli.methods.recognizer import Recognizer

TEN_AND_TEN = Split(np.arange(10), np.arange(0), np.arange(10, 20), "test")
EVALUATED = Split(np.arange(0), np.arange(0), np.arange(10, 20), "test")
FOUND = {"landmarks": {"model": "68.dat", "sha256": "0"}}


def data(has, options=None, split=TEN_AND_TEN):
    store = SimpleNamespace(has_landmarks=np.array(has), meta={"options": options or {}})
    return SimpleNamespace(store=store, split=split)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (data([False] * 20), "generic"),
        (data([False] * 20, FOUND), "generic"),
        (data([True] * 19 + [False], FOUND), "generic for some faces"),
        (data([False] + [True] * 19), "generic for some faces"),
        (data([False] * 10 + [True] * 10, split=EVALUATED), "data set, 68 points"),
        (data([True] * 20), "data set, 68 points"),
        (data([True] * 20, FOUND), "dlib, 68 points"),
    ],
)
def test_the_source_is_that_of_the_rows_of_the_run(given, expected):
    assert landmark_source(DLGA, given) == expected


def test_a_method_without_patches_has_none():
    assert landmark_source(Recognizer, data([False] * 20)) == ""
