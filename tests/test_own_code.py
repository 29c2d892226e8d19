"""An error in the user's own code names the file, the line, the error and what was called, wherever fercli calls it."""

import importlib.util
import sys
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from fercli.batch import Batch
from fercli.config import instantiate
from fercli.engine.classifier import Classifier
from fercli.engine.fitted import Fitted
from fercli.engine.fitting import fit
from fercli.errors import ConfigError, DataError
from fercli.losses.objective import Objective, Term
from fercli.metrics.metric import Metric
from fercli.own_code import OwnCodeError, keeping_traceback, naming_own_code, place_in_own_code, raised_by_own_code
from fercli.prediction import Prediction
from tests.labels import labels_of

SOURCE = """\
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from torch import nn


def number(expression, probabilities):
    return np.zeros(3)[7]


class Loss(nn.Module):
    def forward(self, logits):
        return helper(logits)


def helper(logits):
    return logits @ logits


class Classifier(ClassifierMixin, BaseEstimator):
    def fit(self, x, y):
        raise ValueError("too\\nfew")

    def decision_function(self, x):
        return x["a"]


class Part:
    def __init__(self, size):
        self.size = size + "px"
"""
FACTS = {"label": "m", "unit": "", "higher_is_better": True, "decimals": 2, "bounds": [None, None]}


@pytest.fixture
def ours(tmp_path, monkeypatch):
    """A module of the user in a folder of their own."""
    file = tmp_path / "ours.py"
    file.write_text(SOURCE)
    spec = importlib.util.spec_from_file_location("ours", file)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "ours", module)
    spec.loader.exec_module(module)
    monkeypatch.chdir(tmp_path)
    return module


def by_metric(ours):
    metric = Metric(function=ours.number, reads=["expression", "probabilities"], **FACTS)
    metric({"expression": np.zeros(2, int), "probabilities": np.zeros((2, 3))})


def by_loss(ours):
    objective = Objective({"loss": Term(ours.Loss())})
    batch = Batch(id=["a", "b"], image=torch.zeros(2, 3, 4, 4))
    objective(Prediction(feature=torch.zeros(2, 3), logits=torch.zeros(2, 3)), batch)


def by_fit(ours):
    fit(
        Classifier("ours", {"_target_": "ours.Classifier", "_partial_": True}),
        np.zeros((4, 2)),
        labels_of([0, 1, 0, 1]),
    )


def by_answer(ours):
    fitted = Fitted(Classifier("ours", {}), ours.Classifier(), 4, 0.0)
    fitted.read_out({"feature": np.zeros((4, 2))}, 2)


SEAMS = [
    (by_metric, "line 7, in number: IndexError: ", "number with expression (2,) int64, probabilities (2, 3) float64"),
    (by_loss, "line 16, in helper: RuntimeError: ", "Loss.forward with logits (2, 3) float32"),
    (by_fit, "line 21, in Classifier.fit: ValueError: too few", "Classifier.fit with x (4, 2) float64, y (4,) int64"),
    (by_answer, "line 24, in Classifier.decision_function: IndexError: ", "Classifier.decision_function with x (4, 2)"),
]


@pytest.mark.parametrize(("call", "place", "called"), SEAMS)
def test_the_message_names_the_place_and_the_call_and_the_log_has_the_traceback(ours, tmp_path, call, place, called):
    log = tmp_path / "traceback.log"
    with pytest.raises(OwnCodeError) as raised, naming_own_code(), keeping_traceback(log):
        call(ours)
    message = str(raised.value)
    assert message.startswith(f"ours.py, {place}")
    assert f"; fercli called {called}" in message
    assert message.endswith(f"; the traceback is in {log}")
    assert "\n" not in message
    assert log.read_text().startswith("Traceback")
    assert f'File "{tmp_path}/ours.py", line' in log.read_text()


def test_without_a_log_the_message_says_how_to_see_the_traceback(ours):
    with pytest.raises(OwnCodeError, match=r"; --debug shows the traceback$"), naming_own_code():
        by_metric(ours)


def test_a_log_that_cannot_be_written_hides_nothing(ours, tmp_path):
    with (
        pytest.raises(OwnCodeError, match=r"; --debug shows the traceback$"),
        naming_own_code(),
        keeping_traceback(tmp_path),
    ):
        by_metric(ours)


def test_an_error_that_a_library_wraps_is_found(ours):
    def library():
        try:
            by_loss(ours)
        except RuntimeError as error:
            raise KeyError("wrapped") from error

    with pytest.raises(KeyError) as raised:
        library()
    assert raised_by_own_code(raised.value)
    with pytest.raises(OwnCodeError, match="in helper: RuntimeError"), naming_own_code():
        library()


def test_errors_of_fercli_and_of_programs_that_use_it_stay_as_they_are(tmp_path):
    log = tmp_path / "traceback.log"
    for error in (DataError("no rows"), KeyError("a bug"), OSError(28, "No space left on device")):
        with pytest.raises(type(error)) as raised, naming_own_code(), keeping_traceback(log):
            raise error
        assert raised.value is error
    with pytest.raises(AttributeError) as raised, naming_own_code(), keeping_traceback(log):
        fit(Classifier("ours", {"_target_": "sklearn.svm.SVC", "_partial_": True}), np.zeros((4, 2)), SimpleNamespace())
    assert not raised_by_own_code(raised.value)  # it was raised in fercli
    assert not log.exists()


def test_a_constructor_that_raises_is_named_with_its_place(ours):
    with pytest.raises(ConfigError, match=r"Part refuses its options: .* \(ours.py, line 29, in Part.__init__\)$"):
        instantiate({"_target_": "ours.Part", "size": 3})
    with pytest.raises(ConfigError) as raised:  # an option that it does not take is no error in it
        instantiate({"_target_": "ours.Part", "sizes": 3})
    assert "line" not in str(raised.value)
    assert place_in_own_code(ValueError()) == ""


def test_arguments_are_described_shortly_and_cannot_control_the_terminal(ours):
    metric = Metric(function=partial(ours.number, probabilities="\x1b[2J" + "a" * 99), reads=["expression"], **FACTS)
    with pytest.raises(OwnCodeError) as raised, naming_own_code():
        metric({"expression": np.zeros(2, int)})
    assert "\x1b" not in str(raised.value)
    assert "a" * 50 not in str(raised.value)
