import pytest
import timm
import torch

from fercli.backbones import timm as adapter
from fercli.backbones.timm import TimmBackbone
from fercli.errors import ConfigError, DataError


@pytest.mark.parametrize(
    ("name", "options", "dim", "map"),
    [
        ("convnext_atto", {}, 320, (320, 2, 2)),
        ("mobilenetv3_small_050", {}, 1024, (288, 2, 2)),
        ("swin_tiny_patch4_window7_224", {"img_size": 64, "window_size": 2}, 768, (768, 2, 2)),
    ],
)
def test_shapes(name, options, dim, map):
    backbone = TimmBackbone(name, **options).eval()
    features = backbone(torch.zeros(2, 3, 64, 64))
    assert backbone.dim == dim
    assert features.vector.shape == (2, dim)
    assert features.map.shape == (2, *map)


def test_a_transformer_has_no_map():
    features = TimmBackbone("vit_tiny_patch16_224", img_size=64).eval()(torch.zeros(1, 3, 64, 64))
    assert features.vector.shape == (1, 192)
    assert features.map is None


def test_the_feature_is_what_timm_pools():
    backbone = TimmBackbone("convnext_atto", channels=1).eval()
    image = torch.randn(2, 1, 64, 64)
    torch.testing.assert_close(backbone(image).vector, backbone.net(image))


def test_weights_of_a_file(tmp_path):
    net = timm.create_model("convnext_atto", num_classes=3)
    torch.save(net.state_dict(), tmp_path / "w.pth")
    with pytest.warns(UserWarning, match=r"not used: head.fc.weight, head.fc.bias"):
        backbone = TimmBackbone("convnext_atto", weights=str(tmp_path / "w.pth"))
    assert torch.equal(backbone.net.stem[0].weight, net.stem[0].weight)


def test_weights_that_cannot_be_downloaded(monkeypatch):
    def refuse(*args, **kwargs):
        raise RuntimeError("No pretrained weights exist")

    monkeypatch.setattr(adapter.timm, "create_model", refuse)
    with pytest.raises(DataError, match="the weights of convnext_atto, found: No pretrained weights exist"):
        TimmBackbone("convnext_atto", weights="imagenet")


def test_an_unknown_name_is_refused():
    with pytest.raises(ConfigError, match="no network named 'convnext_ato' in timm; the nearest are convnext_atto"):
        TimmBackbone("convnext_ato")


@pytest.mark.parametrize("name", ["vit_tiny_patch16_224", "swin_tiny_patch4_window7_224", "mixer_s32_224"])
@pytest.mark.parametrize("side", [64, 224])
def test_a_network_of_one_size_is_built_for_the_size_of_the_images(name, side):
    backbone = TimmBackbone(name, img_size=side).eval()
    assert backbone(torch.zeros(1, 3, side, side)).vector.shape == (1, backbone.dim)


def test_a_network_of_any_size_is_the_same_for_every_size():
    sizes = [TimmBackbone("convnext_atto", img_size=side).net.state_dict().keys() for side in (64, 224)]
    assert sizes[0] == sizes[1]


@pytest.mark.parametrize(("name", "side", "wanted"), [("hiera_tiny_224", 112, 224), ("crossvit_9_240", 64, 240)])
def test_a_size_that_a_network_cannot_read_is_refused_with_the_one_that_it_wants(name, side, wanted):
    message = f"{name} of timm cannot read images of {side} x {side} pixels .* set augment.size={wanted}"
    with pytest.raises(ConfigError, match=message):
        TimmBackbone(name, img_size=side)


def test_the_size_is_tried_without_a_change_of_the_first_weights():
    torch.manual_seed(0)
    plain = TimmBackbone("vit_tiny_patch16_224").net.blocks[0].attn.qkv.weight
    torch.manual_seed(0)
    assert torch.equal(TimmBackbone("vit_tiny_patch16_224", img_size=224).net.blocks[0].attn.qkv.weight, plain)
