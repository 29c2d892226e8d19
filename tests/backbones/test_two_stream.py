import pytest
import torch

from fercli.backbones.two_stream import CaerEncoder, CaerEncoder3D
from fercli.errors import ConfigError


@pytest.fixture
def encoder():
    with torch.device("meta"):
        return CaerEncoder()


def test_number_of_parameters(encoder):
    layers = [sum(p.numel() for p in layer.parameters()) for layer in encoder.layers]
    assert [number for number in layers if number] == [
        *(896, 64, 18_496, 128, 73_856, 256),
        *(295_168, 512, 590_080, 512),
    ]
    assert sum(layers) == 979_968


def test_shapes(encoder):
    features = encoder(torch.zeros(2, 3, 112, 112, device="meta"))
    assert features.map.shape == (2, 256, 7, 7)
    assert features.vector.shape == (2, encoder.dim) == (2, 256)


def test_size_of_the_map_after_each_pooling(encoder):
    sizes, image = [], torch.zeros(1, 3, 112, 112, device="meta")
    for layer in encoder.layers:
        image = layer(image)
        sizes += [tuple(image.shape[1:])] if isinstance(layer, torch.nn.MaxPool2d) else []
    assert sizes == [(32, 56, 56), (64, 28, 28), (128, 14, 14), (256, 7, 7)]


def test_the_vector_is_the_mean_of_a_map_without_negative_numbers():
    features = CaerEncoder(channels=1).eval()(torch.randn(2, 1, 16, 48))
    assert features.map.shape == (2, 256, 1, 3)
    assert (features.map >= 0).all()
    torch.testing.assert_close(features.vector, features.map.mean((2, 3)))


def test_the_map_of_a_clip_is_a_mean_over_time():
    torch.manual_seed(0)
    encoder = CaerEncoder3D(channels=1).eval()
    clip = torch.randn(2, 16, 1, 32, 48)
    features = encoder(clip)
    assert features.map.shape == (2, encoder.dim, 2, 3)
    torch.testing.assert_close(features.vector, features.map.mean((2, 3)))
    last = encoder.layers(clip.transpose(1, 2))
    assert last.shape == (2, 256, 2, 2, 3)  # two of 16 frames are left
    torch.testing.assert_close(features.map, (last[:, :, 0] + last[:, :, 1]) / 2)
    assert (features.map >= 0).all()


def test_size_of_a_clip_after_each_pooling():
    sizes = []
    with torch.device("meta"):
        clip = torch.zeros(1, 3, 16, 112, 112)
        for layer in CaerEncoder3D().layers:
            clip = layer(clip)
            sizes += [tuple(clip.shape[1:])] if isinstance(layer, torch.nn.MaxPool3d) else []
    assert sizes == [(32, 16, 56, 56), (64, 8, 28, 28), (128, 4, 14, 14), (256, 2, 7, 7)]


def test_a_clip_depends_on_the_order_of_its_frames():
    torch.manual_seed(0)
    encoder, clip = CaerEncoder3D(channels=1).eval(), torch.randn(1, 8, 1, 16, 16)
    assert not torch.allclose(encoder(clip).vector, encoder(clip.flip(1)).vector)


def test_images_and_short_clips_are_refused():
    with pytest.raises(ConfigError, match=r"takes clips \(B, T, C, H, W\)"):
        CaerEncoder3D()(torch.zeros(1, 3, 32, 32))
    with pytest.raises(ConfigError, match=r"clips of 8 frames or more, found 4; set inputs.clip.length"):
        CaerEncoder3D()(torch.zeros(1, 4, 3, 32, 32))
