"""Augmentations make nothing on the processor: the meta device, which has shapes alone, refuses what a GPU refuses."""

from dataclasses import fields

import pytest
import torch
from torch import nn

from fercli.batch import Batch
from fercli.catalog import choices
from fercli.config import compose, instantiate

META = torch.device("meta")


def batch_of(*shape):
    """Images or clips of `shape` on the meta device, with all that moves with them."""
    n = shape[0]
    return Batch(
        [],
        torch.empty(shape, dtype=torch.uint8, device=META),
        landmarks=torch.empty(n, 68, 2, device=META),
        mask=torch.empty(n, *shape[-2:], dtype=torch.uint8, device=META),
        context=torch.empty(n, 3, 60, 80, dtype=torch.uint8, device=META),
    )


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("shape", [(4, 3, 64, 64), (2, 5, 3, 64, 64)], ids=["images", "clips"])
@pytest.mark.parametrize("name", choices("augment"))
def test_everything_stays_on_the_device_of_the_images(name, shape, training):
    augment = instantiate(compose("train", [f"augment={name}", "data=rafdb"]).augment)
    seen = augment.train(training)(batch_of(*shape))
    assert seen.image.shape == (*shape[:-2], augment.size, augment.size)
    assert seen.context.shape == (shape[0], 3, augment.size, augment.size)
    tensors = [value for field in fields(seen) if isinstance(value := getattr(seen, field.name), torch.Tensor)]
    assert len(tensors) == 4
    assert all(tensor.device == META for tensor in tensors)


class Seen(nn.Module):
    """What a network sees outside training, as a module that a graph can hold."""

    def __init__(self, augment):
        super().__init__()
        self.augment = augment.eval()

    def forward(self, image):
        return self.augment(Batch([""], image)).image


@pytest.mark.parametrize("name", sorted(set(choices("augment")) - {"resized_crop"}))  # it cuts parts of drawn sizes
def test_a_graph_can_hold_what_is_seen_in_testing(name):
    augment = instantiate(compose("train", [f"augment={name}", "data=rafdb"]).augment)
    image = torch.randint(0, 256, (1, 3, 64, 64), dtype=torch.uint8)
    graph = torch.export.export(Seen(augment), (image,)).module()
    torch.testing.assert_close(graph(image), Seen(augment)(image), rtol=0, atol=1e-6)
