import warnings

import pytest
import torch
from torch import nn

from fercli.backbones.weights import load_file, load_matching
from fercli.errors import ConfigError, DataError


def network(channels=3):
    """Six tensors in the ways that networks name them."""
    torch.manual_seed(channels)
    return nn.Sequential(nn.Conv2d(channels, 4, 3), nn.Sequential(nn.Conv2d(4, 4, 3), nn.Conv2d(4, 4, 3)))


def zeros():
    return {key: torch.zeros_like(value) for key, value in network().state_dict().items()}


@pytest.mark.parametrize("prefix", ["", "module.", "model.backbone.", "_orig_mod."])
@pytest.mark.parametrize("wrapper", [None, "state_dict", "model"])
def test_wrapped_weights(tmp_path, prefix, wrapper):
    state = {prefix + key: value for key, value in zeros().items()}
    torch.save({wrapper: state, "epoch": 3} if wrapper else state, tmp_path / "w.pth")
    net = network()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_file(net, tmp_path / "w.pth")
    assert not any(parameter.any() for parameter in net.parameters())


def test_the_backbone_of_a_whole_training_checkpoint():
    net, state = network(), {f"backbone.net.{key}": value for key, value in zeros().items()}
    with pytest.warns(UserWarning, match=r"6 tensors loaded; left at their random start: none; not used: head.weight"):
        load_matching(net, state | {"head.weight": torch.ones(2)}, "it")
    assert not net[0].weight.any()


def test_what_does_not_fit_is_named():
    state = zeros()
    del state["1.0.bias"]
    state["0.weight"] = torch.zeros(4, 3, 7, 7)
    net = network()
    before = net[0].weight.clone()
    with pytest.warns(UserWarning, match=r"4 tensors loaded; left .*: 0.weight, 1.0.bias; not used: 0.weight"):
        load_matching(net, state, "it")
    assert torch.equal(net[0].weight, before)


def test_weights_of_color_images_are_summed_for_gray_ones():
    state, net = network().state_dict(), network(channels=1)
    load_matching(net, state, "it")
    torch.testing.assert_close(net[0].weight, state["0.weight"].sum(1, keepdim=True))


def test_weights_of_another_network_are_refused():
    state = dict(list(zeros().items())[:2]) | {"other.weight": torch.zeros(3)}
    with pytest.raises(ConfigError, match="it holds 2 of the 6 tensors of this backbone"):
        load_matching(network(), state, "it")


def test_a_run_folder_stands_for_its_weights(tmp_path):
    (tmp_path / "seed0").mkdir()
    with pytest.raises(DataError, match=r"expected weights in .*seed0/weights.ckpt, found no file"):
        load_file(network(), tmp_path / "seed0")
    torch.save({"state_dict": {f"backbone.net.{key}": value for key, value in zeros().items()}}, tmp_path / "w")
    (tmp_path / "w").rename(tmp_path / "seed0" / "weights.ckpt")
    net = network()
    load_file(net, tmp_path / "seed0")
    assert not any(parameter.any() for parameter in net.parameters())


def test_files_that_hold_no_weights_are_refused(tmp_path):
    with pytest.raises(DataError, match="found no file"):
        load_file(network(), tmp_path / "w.pth")
    (tmp_path / "w.pth").write_text("version https://git-lfs.github.com/spec/v1")
    with pytest.raises(DataError, match="expected a state dict"):
        load_file(network(), tmp_path / "w.pth")
    torch.save([1, 2], tmp_path / "w.pth")
    with pytest.raises(DataError, match="found list without any"):
        load_file(network(), tmp_path / "w.pth")
