import pytest
import torch
from torchvision.models import googlenet

from fercli.backbones.i3d import I3D, inflate
from fercli.config import compose, instantiate
from fercli.errors import ConfigError, DataError


def images_net():
    """GoogLeNet up to its feature, with normalization that does something."""
    torch.manual_seed(0)
    net = googlenet(weights=None, aux_logits=False, init_weights=False).eval()
    net.fc = torch.nn.Identity()
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(std=0.1)
            module.running_var.uniform_(0.5, 2)
    return net


def test_features_and_parameters_as_configured():
    cfg = compose("train", ["backbone=i3d", "inputs.clip={length: 16, stride: 16}"])
    flat = images_net()
    filters = [m.weight.numel() * m.kernel_size[0] for m in flat.modules() if isinstance(m, torch.nn.Conv2d)]
    normalization = [2 * m.num_features for m in flat.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    with torch.device("meta"):
        backbone = instantiate(cfg.backbone).eval()
        features = backbone(torch.empty(2, 16, 3, 112, 112))
    assert features.vector.shape == (2, backbone.dim) == (2, 1024)
    assert features.map is None
    assert sum(parameter.numel() for parameter in backbone.parameters()) == sum(filters) + sum(normalization)


def test_frames_are_halved_three_times_as_in_the_paper():
    net, lengths = I3D().net, {}
    for name in ("conv1", "maxpool1", "maxpool2", "maxpool3", "maxpool4"):
        layer = net.get_submodule(name)
        layer.register_forward_hook(lambda _, __, out, name=name: lengths.__setitem__(name, out.shape[2]))
    net.eval()(torch.zeros(1, 3, 64, 32, 32))
    assert lengths == {"conv1": 32, "maxpool1": 32, "maxpool2": 32, "maxpool3": 16, "maxpool4": 8}


def test_one_frame_repeated_gives_the_feature_of_the_image():
    image = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    expected = images_net()(image)
    maps = {}
    net = inflate(images_net())
    net.inception5b.register_forward_hook(lambda _, __, out: maps.setdefault("last", out))
    with torch.inference_mode():
        net(image.unsqueeze(2).expand(-1, -1, 192, -1, -1))
    middle = maps["last"][:, :, maps["last"].shape[2] // 2]  # far from the padding at both ends
    torch.testing.assert_close(middle.mean((2, 3)), expected.detach(), rtol=1e-4, atol=1e-5)


def test_order_of_frames_counts():
    torch.manual_seed(0)
    backbone = I3D().eval()
    clip = torch.rand(1, 16, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    assert not torch.allclose(backbone(clip).vector, backbone(clip.flip(1)).vector)


def test_gray_clips_and_gradients():
    backbone = I3D(channels=1)
    backbone(torch.rand(2, 16, 1, 32, 32)).vector.sum().backward()
    assert all(parameter.grad is not None for parameter in backbone.parameters())


def test_weights_of_a_file(tmp_path):
    given = I3D()
    torch.save(given.net.state_dict(), tmp_path / "w.pt")
    found = I3D(weights=str(tmp_path / "w.pt"))
    assert all(torch.equal(a, b) for a, b in zip(given.parameters(), found.parameters(), strict=True))


def test_imagenet_weights_are_inflated_and_a_run_of_them_loads_again(monkeypatch):
    net = images_net()
    monkeypatch.setattr("fercli.backbones.i3d.downloaded", lambda download, what, place: net.state_dict())
    found = I3D(weights="imagenet").eval().net
    torch.testing.assert_close(found.conv2.conv.weight[:, :, 0], net.conv2.conv.weight)
    torch.testing.assert_close(found.conv1.conv.weight.sum(2), net.conv1.conv.weight)
    rebuilt = I3D().eval()  # as a run is loaded again: without a download, its weights from its folder
    rebuilt.net.load_state_dict(found.state_dict())
    clip = torch.rand(1, 16, 3, 32, 32)
    torch.testing.assert_close(rebuilt(clip).vector, found(clip.transpose(1, 2)))


def test_imagenet_weights_are_adapted_to_gray(monkeypatch):
    net = images_net()
    monkeypatch.setattr("fercli.backbones.i3d.downloaded", lambda download, what, place: net.state_dict())
    found = I3D(channels=1, weights="imagenet").net.conv1.conv.weight
    torch.testing.assert_close(found.sum(2), net.conv1.conv.weight.sum(1, keepdim=True))


@pytest.mark.usefixtures("offline")
def test_imagenet_weights_that_cannot_be_downloaded():
    with pytest.raises(DataError, match=r"googlenet-\w+.pth, found: no route to host"):
        I3D(weights="imagenet")


def test_no_such_file():
    with pytest.raises(DataError, match="found no file"):
        I3D(weights="nowhere.pt")


def test_images_are_refused():
    with pytest.raises(ConfigError, match=r"inputs\.clip"):
        I3D()(torch.zeros(1, 3, 32, 32))
