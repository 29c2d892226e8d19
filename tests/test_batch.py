import torch

from fercli.batch import Batch, labelled
from fercli.fields import UNLABELLED

NAN = float("nan")


def test_length_is_the_number_of_samples():
    assert len(Batch(["a", "b"], torch.zeros(2, 1, 4, 4))) == 2


def test_moving_takes_every_tensor_along_and_leaves_the_original():
    batch = Batch(["a"], torch.zeros(1, 1, 4, 4), expression=torch.tensor([1]), affect=torch.zeros(1, 2))
    moved = batch.to("meta")
    assert moved.id == ["a"]
    assert {moved.image.device.type, moved.expression.device.type, moved.affect.device.type} == {"meta"}
    assert moved.votes is None
    assert batch.image.device.type == "cpu"


def test_classes_are_labelled_unless_they_say_not():
    assert labelled(torch.tensor([0, UNLABELLED, 7])).tolist() == [True, False, True]


def test_numbers_are_labelled_unless_they_are_none():
    assert labelled(torch.tensor([0.0, NAN, -1.0])).tolist() == [True, False, True]


def test_a_row_of_several_numbers_needs_all_of_them():
    assert labelled(torch.tensor([[0.1, 0.2], [NAN, 0.2], [NAN, NAN]])).tolist() == [True, False, False]
