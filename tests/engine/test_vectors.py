from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from fercli.engine.vectors import classifier_vectors, write_vectors
from fercli.heads.linear import LinearHead, RegressionHead
from fercli.heads.multitask import MultiTaskHead

CLASSES = ("fear", "anger", "joy")


def rows(*layers):
    return torch.cat([layer.weight.detach() for layer in layers]).double().numpy()


@pytest.mark.parametrize(
    ("head", "names", "expected"),
    [
        (LinearHead(5, 3), [*CLASSES], lambda head: rows(head)),
        (RegressionHead(5), ["valence", "arousal"], lambda head: rows(head)),
        (MultiTaskHead(5, 3), [*CLASSES, "valence", "arousal"], lambda head: rows(head.expression, head.affect)),
        (MultiTaskHead(5, 3, num_sectors=8), [*CLASSES], lambda head: rows(head.expression)),
    ],
)
def test_vectors_of_a_head(head, names, expected):
    weights, found = classifier_vectors(SimpleNamespace(head=head), CLASSES)
    assert found == names
    np.testing.assert_array_equal(weights, expected(head))


def test_the_part_that_reads_valence_and_arousal_is_no_part_of_a_class_vector():
    head = MultiTaskHead(5, 3, fusion="concatenate")
    weights, _ = classifier_vectors(SimpleNamespace(head=head), CLASSES)
    np.testing.assert_array_equal(weights[:3], rows(head.expression)[:, :5])


@pytest.mark.parametrize("head", [MultiTaskHead(5, 3, fusion="separate"), nn.Identity()])
def test_a_head_without_such_vectors(head, tmp_path):
    assert classifier_vectors(SimpleNamespace(head=head), CLASSES) is None
    method = nn.Module()
    method.head = head
    write_vectors(method, CLASSES, tmp_path / "vectors.parquet")
    assert not list(tmp_path.iterdir())


def test_a_file_has_a_column_for_each_vector(tmp_path):
    method = nn.Module()
    method.head = RegressionHead(5)
    write_vectors(method, CLASSES, tmp_path / "vectors.parquet")
    found = pd.read_parquet(tmp_path / "vectors.parquet")
    np.testing.assert_array_equal(found[["valence", "arousal"]].to_numpy().T, rows(method.head))
