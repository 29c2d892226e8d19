from functools import partial

import pytest
import torch
from torch import nn

from fercli.backbones.two_stream import CaerEncoder, CaerEncoder3D
from fercli.batch import Batch
from fercli.errors import ConfigError, DataError
from fercli.graphs.caer_net import CaerNetFusion
from fercli.graphs.cross_modal import CrossModalGraph
from fercli.graphs.sampling import Bernoulli
from fercli.heads.angular import AngularHead
from fercli.heads.depression_bins import DepressionBinsHead
from fercli.heads.hidden import HiddenHead
from fercli.heads.linear import LinearHead
from fercli.losses.objective import Objective, Term
from fercli.methods.cross_modal import CrossModal
from fercli.prediction import Features

EMOTION = partial(AngularHead, dim=256, num_classes=7)  # as an unfused method would build it
DEPRESSION = partial(DepressionBinsHead, dim=256)


class Mean(nn.Module):
    """The image itself as the map, times a weight."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))

    def forward(self, image):
        return Features(image.mean((2, 3)), self.weight * image)


def method(fusion, head, backbone=CaerEncoder):
    term = Term(nn.CrossEntropyLoss(), ["logits", "expression"])
    shared = {"objective": Objective({"loss": term}), "augment": None, "metrics": {}, "optimizer": torch.optim.SGD}
    return CrossModal(backbone(), backbone(), fusion, head, **shared)


@pytest.fixture
def batch():
    random = torch.Generator().manual_seed(0)
    image, context = torch.rand(2, 4, 3, 2, 2, generator=random)
    return Batch(id=list("abcd"), image=image, context=context, expression=torch.tensor([0, 1, 0, 1]))


def small(variant):
    torch.manual_seed(0)
    return method(CrossModalGraph((3, 2, 2), Bernoulli(), variant), partial(LinearHead, dim=3, num_classes=2), Mean)


@pytest.mark.parametrize(
    ("variant", "head", "count"),
    [
        ("both", EMOTION, 2_094_592),
        ("both", DEPRESSION, 2_234_672),
        ("both", partial(DEPRESSION, form="separate"), 2_366_000),
        ("baseline", EMOTION, 1_963_520),
        ("face", EMOTION, 979_968 + 65_536 + 1792),
        ("context", EMOTION, 979_968 + 65_536 + 1792),
    ],
)
def test_number_of_parameters(variant, head, count):
    with torch.device("meta"):
        built = method(CrossModalGraph((256, 7, 7), Bernoulli(), variant), head)
    assert sum(p.numel() for p in built.parameters()) == count


ENCODER, ENCODER_3D = 979_968, 979_968 + 2 * 9 * (3 * 32 + 32 * 64 + 64 * 128 + 128 * 256 + 256 * 256)
ATTENTION = 256 * 128 * 9 + 128 + 2 * 128 + 128 * 9 + 1
WEIGHT = 256 * 128 + 128 + 128 + 1


@pytest.mark.parametrize(("encoder", "count"), [(CaerEncoder, ENCODER), (CaerEncoder3D, ENCODER_3D)])
@pytest.mark.parametrize(
    ("variant", "streams", "others"),
    [("both", 2, ATTENTION + 2 * WEIGHT), ("face", 1, 0), ("context", 1, ATTENTION)],
)
def test_number_of_parameters_of_caer_net(encoder, count, variant, streams, others):
    with torch.device("meta"):
        built = method(CaerNetFusion((256, 7, 7), variant), partial(HiddenHead, num_classes=7), encoder)
    head = 256 * streams * 128 + 128 + 128 * 7 + 7
    assert sum(p.numel() for p in built.parameters()) == streams * count + others + head


def test_emotion_and_depression_share_names_and_shapes_but_for_the_head():
    with torch.device("meta"):
        shapes = [
            {name: p.shape for name, p in method(CrossModalGraph((256, 7, 7), Bernoulli()), head).named_parameters()}
            for head in (EMOTION, DEPRESSION)
        ]
    shared = {name for name in shapes[0] if shapes[1].get(name) == shapes[0][name]}
    assert {name.split(".")[0] for name in shared} == {"backbone", "context_backbone", "fusion"}
    assert sum(shapes[0][name].numel() for name in shared) == 2_091_008
    assert all(name.startswith("head.") for name in {*shapes[0], *shapes[1]} - shared)


def test_the_feature_is_the_fused_one_and_the_head_reads_it(batch):
    built = small("both").eval()
    prediction = built(batch)
    expected = built.fusion({"face": batch.image, "context": batch.context})
    assert torch.equal(prediction.feature, expected)
    assert torch.equal(prediction.logits, built.head(Features(expected))["logits"])


@pytest.mark.parametrize(
    ("variant", "reads"),
    [("both", {"image", "context"}), ("baseline", {"image", "context"}), ("face", {"image"}), ("context", {"context"})],
)
def test_which_images_the_prediction_depends_on_and_which_weights_learn(batch, variant, reads):
    built = small(variant)
    for name in ("image", "context"):
        getattr(batch, name).requires_grad_()
    total, _ = built.objective(built(batch), batch)
    total.backward()
    assert {name for name in ("image", "context") if getattr(batch, name).grad is not None} == reads
    assert all(p.grad is not None for p in built.parameters())


def test_what_is_missing_is_said(batch):
    batch.context = None
    assert small("face")(batch).logits.shape == (4, 2)
    with pytest.raises(DataError, match=r"expected the scene around each face, found none; set inputs.context=true"):
        small("both")(batch)
    with pytest.raises(ConfigError, match=r"set head._partial_=true"):
        method(CaerNetFusion((3, 2, 2)), LinearHead(3, 2), Mean)
