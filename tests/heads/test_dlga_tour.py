"""The diagrams of DLGA-CNN show the shapes of the network itself."""

import re
from pathlib import Path

import pytest
import torch
from torch import nn

from fercli.config import compose, instantiate
from fercli.ops.pyramid import NUM_BINS, PYRAMID_MATCH

TOUR = (Path(__file__).parents[2] / "data/tour/dlga-cnn.md").read_text()
# Nodes that are named after a module, with the shape at the end of their text.
NODES = dict(re.findall(r'((?:backbone|head)_\w+)\["[^"]*?: (\d[\dx ]*)"\]', TOUR))


@pytest.fixture(scope="module")
def shapes():
    """The shape of one image's output of each module, as text; and those of the map and of the joined vector."""
    found = {}

    def note(name):
        start = 2 if name.startswith(("head_local", "head_whole")) else 1  # those have a set of weights first

        def hook(module, given, out):
            if isinstance(out, torch.Tensor):
                found[name] = " x ".join(map(str, out.shape[start:]))

        return hook

    with torch.device("meta"):
        cfg = compose("train", ["method=dlga_cnn"])
        backbone = instantiate(cfg.backbone)
        cfg.sizes.map = [backbone.dim, 28, 28]
        head = instantiate(cfg.head)
        for name, module in nn.ModuleDict({"backbone": backbone, "head": head}).named_modules():
            module.register_forward_hook(note(name.replace(".", "_")))
        features = backbone(torch.zeros(1, 3, 224, 224))
        head(features, torch.zeros(1, 24, 2, dtype=torch.int64))
    return found | {"map": features.map.shape[1:], "joined": head.local.dim + head.whole.dim}


def test_every_named_node_has_the_shape_of_its_module(shapes):
    assert len(NODES) == 18
    # What a layer of several gives is that of its last one: 3x3, ReLU and halving are stages 0 to 2.
    assert {name: shapes[name] for name in NODES} == NODES


def test_the_map_the_joined_vector_and_the_bins_are_those_of_the_network(shapes):
    assert f"map {' x '.join(map(str, shapes['map']))}" in TOUR
    assert f"joined: {shapes['joined']}" in TOUR
    bins = re.findall(r"(\d+) bins of (\d+), times 1/(\d+)", TOUR)
    expected = [(n, shapes["joined"] // n, round(1 / w)) for n, w in zip(NUM_BINS, PYRAMID_MATCH, strict=True)]
    assert [tuple(map(int, level)) for level in bins] == expected
    assert f"{sum(NUM_BINS)} numbers" in TOUR
