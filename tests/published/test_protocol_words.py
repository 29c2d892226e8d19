import pytest

from fercli.protocol import AGGREGATIONS, SELECTIONS, Protocol
from fercli.published import protocol_words as module
from fercli.published.numbers import published
from fercli.published.protocol_words import in_words


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "split not said"),
        ({"split": "validation", "classes": "8"}, "validation, 8 classes"),
        (
            {"split": "test", "split_rule": "official", "repeats": "1", "aggregation": "single"},
            "official test, single run",
        ),
        ({"split": "test", "split_rule": "by drawing", "repeats": "10"}, "test, by drawing (10 splits)"),
        ({"pretraining": "none", "aggregation": "maximum of 5"}, "split not said, from scratch, maximum of 5 runs"),
        (
            {"selection": "reported split", "criterion": "mean_class_accuracy", "pretraining": "ImageNet"},
            "split not said, pre-trained on ImageNet, epoch chosen on this split by mean class accuracy",
        ),
    ],
)
def test_what_is_said_in_the_shortest_form(fields, words):
    assert in_words(Protocol("RAF-DB", **fields)) == words


def test_every_word_of_the_schema_has_a_short_form():
    assert set(SELECTIONS) <= set(module.SELECTIONS)
    assert set(module.AGGREGATIONS) | {"maximum of n"} == set(AGGREGATIONS)


def test_two_protocols_never_have_the_same_words():
    protocols = {protocol for protocol in published()["protocol"] if protocol.dataset != "none"}
    assert len({(protocol.dataset, in_words(protocol)) for protocol in protocols}) == len(protocols)
