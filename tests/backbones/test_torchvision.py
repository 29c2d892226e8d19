import pytest
import torch
import torchvision

from fercli.backbones.torchvision import TorchvisionBackbone
from fercli.config import compose, instantiate
from fercli.errors import ConfigError, DataError


def num_parameters(module):
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize(("size", "side"), [(224, 7), (90, 3)])
def test_resnet18_shapes(size, side):
    backbone = TorchvisionBackbone("resnet18", "layer4")
    features = backbone(torch.zeros(2, 3, size, size))
    assert features.map.shape == (2, 512, side, side)
    assert features.vector.shape == (2, backbone.dim) == (2, 512)
    assert torch.nn.Linear(backbone.dim, 7)(features.vector).shape == (2, 7)


def test_resnet18_parameters():
    backbone = TorchvisionBackbone("resnet18", "layer4")
    assert num_parameters(backbone) == 11_176_512
    assert num_parameters(torch.nn.ModuleList([backbone, torch.nn.Linear(512, 7)])) == 11_180_103
    net = backbone.net
    layers = [[net.conv1, net.bn1], [net.layer1], [net.layer2], [net.layer3], [net.layer4]]
    counts = [sum(num_parameters(module) for module in layer) for layer in layers]
    assert counts == [9_536, 147_968, 525_568, 2_099_712, 8_393_728]


@pytest.mark.parametrize(
    ("name", "map", "dim", "num_channels"),
    [
        ("densenet121", "relu", 1024, 1024),
        ("alexnet", "features", 4096, 256),
        ("mobilenet_v3_small", "features", 1024, 576),
    ],
)
def test_other_networks(name, map, dim, num_channels):
    backbone = TorchvisionBackbone(name, map).eval()
    features = backbone(torch.zeros(1, 3, 64, 64))
    assert features.vector.shape == (1, dim)
    assert features.map.shape[:2] == (1, num_channels)
    assert backbone.dim == dim


def test_the_feature_is_the_pooled_map():
    features = TorchvisionBackbone("resnet18", "layer4").eval()(torch.randn(2, 3, 64, 64))
    torch.testing.assert_close(features.vector, features.map.mean((2, 3)))
    assert (features.vector >= 0).all()


@pytest.mark.parametrize(("pool", "function"), [("average", torch.mean), ("max", torch.amax)])
def test_pooling_of_the_map(pool, function):
    backbone = TorchvisionBackbone("resnet18", "layer4", pool=pool).eval()
    features = backbone(torch.randn(2, 3, 64, 64))
    assert features.vector.shape == (2, backbone.dim)
    torch.testing.assert_close(features.vector, function(features.map, (2, 3)))


def test_weights_do_not_depend_on_the_pooling():
    states = []
    for pool in (None, "max"):
        torch.manual_seed(0)
        states.append(TorchvisionBackbone("resnet18", "layer4", pool=pool).state_dict())
    assert list(states[0]) == list(states[1])
    assert all(torch.equal(value, states[1][key]) for key, value in states[0].items())


def test_densenet121_shapes_and_parameters():
    with torch.device("meta"):
        backbone = TorchvisionBackbone("densenet121", "relu", pool="max")
        for size, side in ((227, 7), (112, 3)):
            features = backbone(torch.empty(2, 3, size, size))
            assert features.map.shape == (2, 1024, side, side)
            assert features.vector.shape == (2, 1024)
    assert num_parameters(backbone) == 6_953_856


def test_max_pooling_of_densenet121_has_no_relu_before_it():
    cfg = compose("train", ["backbone=densenet121", "backbone.pool=max"])
    features = instantiate(cfg.backbone).eval()(torch.randn(1, 3, 64, 64))
    assert features.map.min() < 0
    torch.testing.assert_close(features.vector, features.map.amax((2, 3)), rtol=0, atol=0)


def test_a_pool_that_gives_another_feature_is_refused():
    backbone = TorchvisionBackbone("mobilenet_v3_small", "features", pool="max").eval()
    with pytest.raises(ConfigError, match=r"a feature of 576 from this map, but this network has one of 1024"):
        backbone(torch.zeros(1, 3, 64, 64))


def test_without_a_map():
    features = TorchvisionBackbone("resnet18")(torch.zeros(2, 3, 64, 64))
    assert features.map is None
    assert features.vector.shape == (2, 512)


def test_weights_start_as_in_torchvision():
    torch.manual_seed(0)
    expected = torchvision.models.resnet18().state_dict()
    torch.manual_seed(0)
    for key, value in TorchvisionBackbone("resnet18", "layer4").net.state_dict().items():
        assert torch.equal(value, expected[key]), key


def test_small_images_keep_a_larger_map():
    backbone = TorchvisionBackbone("resnet18", "layer4", small_input=True)
    assert backbone(torch.zeros(2, 3, 64, 64)).map.shape == (2, 512, 8, 8)
    assert backbone.net.conv1.weight.std().item() == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.1)


def test_gray_images():
    backbone = TorchvisionBackbone("densenet121", "relu", channels=1).eval()
    assert backbone(torch.zeros(1, 1, 64, 64)).vector.shape == (1, 1024)


def test_weights_of_a_file(tmp_path):
    net = torchvision.models.resnet18()
    torch.save({"state_dict": {f"module.{key}": value for key, value in net.state_dict().items()}}, tmp_path / "w.pth")
    with pytest.warns(UserWarning, match=r"not used: fc.weight, fc.bias"):
        backbone = TorchvisionBackbone("resnet18", "layer4", weights=str(tmp_path / "w.pth")).eval()
    image = torch.randn(1, 3, 64, 64)
    net.fc = torch.nn.Identity()
    torch.testing.assert_close(backbone(image).vector, net.eval()(image))


@pytest.mark.usefixtures("offline")
def test_imagenet_weights_that_cannot_be_downloaded():
    with pytest.raises(DataError, match=r"resnet18-\w+.pth, found: no route to host\nPlace the file in nowhere"):
        TorchvisionBackbone("resnet18", weights="imagenet")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "resnet19"}, "no network named 'resnet19' in torchvision; the nearest are resnet18"),
        ({"name": "resnet18", "map": "layer5"}, "no node 'layer5' in resnet18.*layer4"),
        ({"name": "alexnet", "small_input": True}, "small_input is for ResNets"),
        ({"name": "squeezenet1_1"}, "ends in no linear layer"),
        ({"name": "resnet18", "map": "layer4", "pool": "maxi"}, "no backbone.pool named 'maxi'.*did you mean 'max'"),
        ({"name": "resnet18", "pool": "max"}, "backbone.pool=max pools the last feature map; set backbone.map"),
    ],
)
def test_what_does_not_exist_is_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        TorchvisionBackbone(**options)
