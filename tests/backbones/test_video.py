import pytest
import torch
from torchvision.models import get_model

from fercli.backbones.torchvision import TorchvisionBackbone
from fercli.backbones.video import FrameAverage, VideoResNetBackbone
from fercli.config import compose, instantiate
from fercli.errors import ConfigError, DataError

CLIP = (2, 4, 3, 32, 32)


def num_parameters(module):
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize(
    ("name", "dim", "num"),
    [
        ("r3d18", 512, 33_371_472 - 205_200),  # torchvision's counts, less 400 classes
        ("r2plus1d18", 512, 31_505_325 - 205_200),
        ("frames_resnet18", 512, 11_176_512),
        ("frames_resnet50", 2048, 23_508_032),
    ],
)
def test_features_and_parameters_as_configured(name, dim, num):
    cfg = compose("train", [f"backbone={name}", "inputs.clip={length: 16, stride: 16}"])
    with torch.device("meta"):
        backbone = instantiate(cfg.backbone).eval()
        features = backbone(torch.empty(2, 16, 3, 112, 112))
    assert features.vector.shape == (2, backbone.dim) == (2, dim)
    assert features.map is None
    assert num_parameters(backbone) == num


def test_c3d_as_configured():
    cfg = compose("train", ["backbone=c3d", "inputs.clip={length: 32, stride: 16}", "augment.size=64"])
    with torch.device("meta"):
        assert instantiate(cfg.backbone)(torch.empty(2, 32, 3, 64, 64)).vector.shape == (2, 4096)
    assert compose("train", ["backbone=c3d"]).backbone.length == 16


@pytest.mark.parametrize("name", ["r3d_18", "r2plus1d_18"])
def test_the_network_is_that_of_torchvision(name):
    torch.manual_seed(0)
    backbone = VideoResNetBackbone(name).eval()
    torch.manual_seed(0)
    expected = get_model(name)
    expected.fc = torch.nn.Identity()
    clip = torch.randn(CLIP, generator=torch.Generator().manual_seed(0))
    found = backbone(clip).vector
    torch.testing.assert_close(found, expected.eval()(clip.permute(0, 2, 1, 3, 4)))
    assert not torch.allclose(backbone(clip[:, [2, 0, 3, 1]]).vector, found)


def test_gray_clips():
    backbone = VideoResNetBackbone("r3d_18", channels=1).eval()
    assert backbone(torch.zeros(1, 4, 1, 16, 16)).vector.shape == (1, 512)
    assert backbone.net.stem[0].weight.std().item() == pytest.approx((2 / (64 * 3 * 7 * 7)) ** 0.5, rel=0.1)


def test_frames_are_averaged_and_have_no_order():
    backbone = FrameAverage("resnet18", small_input=True).eval()
    clip = torch.randn(CLIP, generator=torch.Generator().manual_seed(0))
    found = backbone(clip).vector
    single = TorchvisionBackbone("resnet18", small_input=True).eval()
    single.load_state_dict(backbone.state_dict())
    expected = torch.stack([single(clip[:, t]).vector for t in range(4)]).mean(0)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(backbone(clip.flip(1)).vector, found, rtol=1e-4, atol=1e-5)


def test_weights_of_a_file(tmp_path):
    net = get_model("r3d_18")
    torch.save(net.state_dict(), tmp_path / "w.pth")
    with pytest.warns(UserWarning, match=r"not used: fc.weight, fc.bias"):
        backbone = VideoResNetBackbone("r3d_18", weights=str(tmp_path / "w.pth"))
    assert torch.equal(backbone.net.layer4[1].conv2[0].weight, net.layer4[1].conv2[0].weight)


@pytest.mark.usefixtures("offline")
def test_kinetics_weights_that_cannot_be_downloaded():
    with pytest.raises(DataError, match=r"r3d_18-\w+.pth, found: no route to host\nPlace the file in nowhere"):
        VideoResNetBackbone("r3d_18", weights="kinetics")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: VideoResNetBackbone("r3d_19"), "no backbone.name 'r3d_19' among the video ResNets.*'r3d_18'"),
        (lambda: VideoResNetBackbone("r3d_18")(torch.zeros(2, 3, 8, 8)), "takes clips .* found images of 4 dimensions"),
        (lambda: FrameAverage("resnet18")(torch.zeros(2, 3, 8, 8)), "takes clips .* found images of 4 dimensions"),
    ],
)
def test_what_does_not_fit_is_refused(make, message):
    with pytest.raises(ConfigError, match=message):
        make()
