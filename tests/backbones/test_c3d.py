import pytest
import torch
from torch import nn
from torch.nn import functional as F

from fercli.backbones.c3d import C3D
from fercli.errors import ConfigError, DataError
from fercli.heads.label_distribution import LabelDistributionHead


def num_parameters(*modules):
    return sum(parameter.numel() for module in modules for parameter in module.parameters())


def convolutions(backbone):
    return [module for module in backbone.children() if isinstance(module, nn.Conv3d)]


@pytest.fixture(scope="module")
def whole():
    """The network of the paper, without memory for its weights."""
    with torch.device("meta"):
        return C3D()


def test_shapes(whole):
    shapes = {}
    for name, module in whole.named_children():
        module.register_forward_hook(lambda module, inputs, output, name=name: shapes.update({name: output.shape}))
    features = whole(torch.empty(1, 16, 3, 112, 112, device="meta"))
    assert shapes["conv1"] == (1, 64, 16, 112, 112)
    assert [tuple(shapes[f"pool{number}"][1:]) for number in range(1, 6)] == [
        (64, 16, 56, 56),
        (128, 8, 28, 28),
        (256, 4, 14, 14),
        (512, 2, 7, 7),
        (512, 1, 4, 4),
    ]
    assert [name for name in shapes if name.startswith("conv")] == [
        "conv1", "conv2", "conv3a", "conv3b", "conv4a", "conv4b", "conv5a", "conv5b",
    ]  # fmt: skip
    assert features.vector.shape == (1, whole.dim) == (1, 4096)
    assert features.map is None


def test_parameters(whole):
    assert num_parameters(*convolutions(whole)) == 27_655_936
    assert num_parameters(whole.fc6) == 33_558_528
    with torch.device("meta"):
        head = LabelDistributionHead(whole.dim)
    assert num_parameters(whole, head) == 63_344_960


def test_multiplications(whole):
    """38.50 thousand million in the convolutions, of one clip."""
    total = 0

    def count(module, inputs, output):
        nonlocal total
        total += output.numel() * module.weight[0].numel()

    hooks = [convolution.register_forward_hook(count) for convolution in convolutions(whole)]
    whole(torch.empty(1, 16, 3, 112, 112, device="meta"))
    for hook in hooks:
        hook.remove()
    assert round(total / 1e9, 2) == 38.50


@pytest.fixture
def small():
    torch.manual_seed(0)
    return C3D(channels=1, size=20, width=2, dim=6, dropout=0.5)


@pytest.mark.parametrize(("length", "size"), [(16, 16), (16, 48), (32, 20), (24, 63)])
def test_other_sizes(length, size):
    backbone = C3D(length=length, size=size, width=2, dim=6)
    assert backbone(torch.rand(2, length, 3, size, size)).vector.shape == (2, 6)


def test_the_feature_by_its_layers(small):
    clip = torch.rand(2, 16, 1, 20, 20)
    found = small.eval()(clip).vector
    x = clip.permute(0, 2, 1, 3, 4)
    for layers in (["conv1"], ["conv2"], ["conv3a", "conv3b"], ["conv4a", "conv4b"], ["conv5a", "conv5b"]):
        for name in layers:
            convolution = getattr(small, name)
            x = F.conv3d(x, convolution.weight, convolution.bias, padding=1).clamp(min=0)
        x = F.max_pool3d(x, (1, 2, 2) if "conv1" in layers else 2, padding=(0, 1, 1) if "conv5a" in layers else 0)
    torch.testing.assert_close(found, small.fc6(x.flatten(1)).clamp(min=0))
    assert not torch.allclose(small(clip.flip(1)).vector, found)  # the order of the frames matters


def test_dropout_in_training_alone(small):
    clip = torch.rand(2, 16, 1, 20, 20)
    assert not torch.equal(small(clip).vector, small(clip).vector)
    assert torch.equal(small.eval()(clip).vector, small(clip).vector)


def test_the_image_reaches_the_feature_at_the_start():
    """Without normalization, the size of activations depends on the initial weights alone."""
    torch.manual_seed(0)
    backbone = C3D(size=32, width=16, dim=256).eval()
    first, second = backbone(torch.randn(2, 16, 3, 32, 32)).vector
    assert 0.1 < (first - second).std() < 10


def test_weights_of_a_file(tmp_path, small):
    """Named as in public files, which hold the rest of the network as well."""
    names = ["conv1", "conv2", "conv3a", "conv3b", "conv4a", "conv4b", "conv5a", "conv5b", "fc6"]
    assert list(small.state_dict()) == [f"{name}.{kind}" for name in names for kind in ("weight", "bias")]
    torch.save(small.state_dict() | {"fc7.weight": torch.zeros(1, 6)}, tmp_path / "w.pth")
    with pytest.warns(UserWarning, match=r"18 tensors loaded; left .* none; not used: fc7\.weight"):
        loaded = C3D(channels=1, size=20, width=2, dim=6, weights=str(tmp_path / "w.pth"))
    assert all(torch.equal(value, small.state_dict()[name]) for name, value in loaded.state_dict().items())
    with pytest.raises(DataError, match="found no file"):
        C3D(width=2, weights=str(tmp_path / "none.pth"))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: C3D(length=8), r"found 8 frames of 112 pixels\. Set inputs.clip.length"),
        (lambda: C3D(size=15), "found 16 frames of 15 pixels"),
        (lambda: C3D(1, size=20, width=2)(torch.zeros(2, 1, 20, 20)), "of 16x1x20x20, found 1x20x20 in each row"),
        (lambda: C3D(1, size=20, width=2)(torch.zeros(2, 16, 1, 20, 24)), "found 16x1x20x24 in each row"),
    ],
)
def test_clips_of_another_size_are_refused(make, message):
    with pytest.raises(ConfigError, match=message):
        make()
