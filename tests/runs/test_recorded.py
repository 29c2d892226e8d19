import pytest

from fercli.protocol import Protocol
from fercli.runs.recorded import recorded_protocol


def result(**protocol):
    return {"data": {"name": "ferplus"}, "protocol": protocol}


def test_the_fields_of_a_protocol_are_read_and_what_stands_beside_them_is_not():
    found = recorded_protocol(result(dataset="FER+", split="test", classes="8", size=48, budget="full"))
    assert found == Protocol("FER+", split="test", classes="8")


@pytest.mark.parametrize(
    ("former", "fields"),
    [
        ({"split": "val", "selection": "paper"}, {"split": "validation", "selection": "reported split"}),
        ({"split": "test", "selection": "last"}, {"split": "test", "selection": "last"}),
        ({"split": "test", "selection": "holdout"}, {"split": "test"}),  # a part of training, or a validation split
        ({"split": "test", "weights": "imagenet", "num_classes": 8}, {"split": "test"}),
    ],
)
def test_of_a_run_written_before_what_is_not_known_is_not_said(former, fields):
    assert recorded_protocol(result(**former)) == Protocol("ferplus", **fields)
