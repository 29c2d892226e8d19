import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from fercli.backbones.depressed_cnn import DepressedCNN
from fercli.errors import ConfigError
from fercli.heads.dlga import DLGAHead
from fercli.ops.pyramid import weighted_pyramid
from fercli.prediction import Features

MAP = (3, 8, 8)
ALL_BUT_6 = [j for j in range(24) if j != 6]
LA = {"global_attention": False, "wspp": False}
GA = {"local_attention": False, "wspp": False}
LGA = {"wspp": False}


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def head(**options):
    """In evaluation, where there is no dropout."""
    return DLGAHead(MAP, hidden=16, **options).double().eval()


@pytest.fixture
def features():
    map = torch.randn(2, *MAP, dtype=torch.float64)
    return Features(map.mean((2, 3)), map)


@pytest.fixture
def starts():
    """All windows in the upper left quarter, but the one of patch 6, which shares no cell with them."""
    starts = torch.randint(-3, -1, (2, 24, 2))
    starts[:, 6] = 4
    return starts


def with_map(features, change):
    map = features.map.clone()
    change(map)
    return Features(features.vector, map)


def force(gate, value, modules=slice(None)):
    """Gates that are exactly 0 or 1, whatever they see."""
    with torch.no_grad():
        gate.last.weight[modules] = 0
        gate.last.bias[modules] = 1e9 if value else -1e9


@pytest.mark.parametrize(
    ("cmp", "options", "expected"),
    [
        (False, LA, 98_513_561),
        (True, LA, 141_380_249),
        (False, {"global_attention": False}, 97_094_297),
        (True, {"global_attention": False}, 139_960_985),
        (True, GA, 58_841_474),
        (True, {"local_attention": False}, 58_470_786),
        (False, LGA, 152_852_378),
        (True, LGA, 196_308_890),
        (False, {}, 150_908_826),
        (True, {}, 194_365_338),
    ],
    ids=["LA CMP-", "LA CMP+", "A", "B", "GA", "C", "D", "E", "F", "G"],
)
def test_parameters_of_the_ablation(cmp, options, expected):
    with torch.device("meta"):
        backbone = DepressedCNN(cmp=cmp)
        network = DLGAHead((backbone.dim, 28, 28), **options)
        features = Features(torch.zeros(2, backbone.dim), torch.zeros(2, backbone.dim, 28, 28))
        found = network(features, torch.zeros(2, 24, 2, dtype=torch.long))
    assert sum(p.numel() for module in (backbone, network) for p in module.parameters()) == expected
    assert found["feature"].shape == (2, network.feature_dim)
    assert found["predicted_score"].shape == (2,)


@pytest.mark.parametrize(
    ("options", "expected"),
    [({"local_attention": False}, 0.633), ({"global_attention": False}, 3.592), ({}, 0.633 + 3.592)],
    ids=["GAL", "24 LAL", "both"],
)
def test_multiply_accumulates_of_an_image(options, expected):
    """In G: 4.711 of the backbone and those of the head, 8.936 in all; nothing is computed."""
    with torch.device("meta"), torch.no_grad():
        backbone = DepressedCNN(cmp=True)
        network = DLGAHead((backbone.dim, 28, 28), **options)
        with FlopCounterMode(display=False) as of_backbone:
            features = backbone(torch.zeros(1, 3, 224, 224))
        with FlopCounterMode(display=False) as of_head:
            network(features, torch.zeros(1, 24, 2, dtype=torch.long))
    assert of_backbone.get_total_flops() / 2e9 == pytest.approx(4.711, abs=5e-4)
    assert of_head.get_total_flops() / 2e9 == pytest.approx(expected, abs=1.5e-3)


def test_parameters_of_the_regressor():
    with torch.device("meta"):
        assert sum(p.numel() for p in DLGAHead(MAP).regressor.parameters()) == 155_649


@pytest.mark.parametrize(
    ("options", "dim", "num_gates"),
    [(LA, 1536, 24), (GA, 512, 1), (LGA, 2048, 25), ({}, 150, 25), ({"local_attention": False}, 150, 1)],
)
def test_shapes(features, starts, options, dim, num_gates):
    found = head(**options)(features, starts)
    shapes = {name: tuple(value.shape) for name, value in found.items()}
    assert shapes == {"feature": (2, dim), "predicted_score": (2,), "gates": (2, num_gates)}


def test_local_numbers_come_before_global_ones_and_are_pooled(features, starts):
    plain, pooled = head(wspp=False), head()
    pooled.local, pooled.whole = plain.local, plain.whole
    found = plain(features, starts)
    whole, gate = plain.whole(features.map)
    assert torch.equal(found["feature"][:, 1536:], whole)
    assert torch.equal(found["gates"][:, 24:], gate)
    assert torch.equal(pooled(features, starts)["feature"], weighted_pyramid(found["feature"]))


def test_levels_of_the_pyramid_can_count_alike(features, starts):
    weighted, alike = head(), head(wspp_weights="none")
    alike.local, alike.whole = weighted.local, weighted.whole
    found = alike(features, starts)["feature"] / weighted(features, starts)["feature"]
    known = found[0][found[0].isfinite()]
    assert known.min() == 2
    assert known.max() == 8


@pytest.mark.parametrize("closed", [True, False])
def test_a_closed_gate_hides_its_patch(features, starts, closed):
    local = head(**LA)
    if closed:
        force(local.local.gate, 0, 6)

    def change(map):
        map[:, :, 4:, 4:] += 1

    before, after = local(features, starts), local(with_map(features, change), starts)
    assert torch.equal(before["predicted_score"], after["predicted_score"]) == closed
    before, after = (found["feature"].view(2, 24, 64) for found in (before, after))
    assert torch.equal(before[:, ALL_BUT_6], after[:, ALL_BUT_6])


@pytest.mark.parametrize("options", [LA, GA, {}])
def test_open_gates_are_no_gates(features, starts, options):
    gated, plain = head(**options), head(gates=False, **options)
    missing, unexpected = plain.load_state_dict(gated.state_dict(), strict=False)
    assert not missing
    assert all(".gate." in name for name in unexpected)
    for branch in (gated.local, gated.whole):
        if branch is not None:
            force(branch.gate, 1)
    expected = plain(features, starts)
    assert "gates" not in expected
    found = gated(features, starts)
    assert found.pop("gates").eq(1).all()
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("shared", [True, False])
def test_with_shared_weights_the_order_of_patches_is_the_order_of_blocks(features, starts, shared):
    order = torch.randperm(24)
    local = head(shared=shared, **LA)
    blocks = local(features, starts)["feature"].view(2, 24, 64)
    found = local(features, starts[:, order])["feature"].view(2, 24, 64)
    assert torch.allclose(found, blocks[:, order]) == shared


def test_what_lies_outside_of_all_windows_does_not_matter(features, starts):
    def change(map):
        map[:, :, :4, 4:] += 5
        map[:, :, 4:, :4] += 5

    changed = with_map(features, change)
    assert not torch.equal(changed.map, features.map)
    local = head(**LA)
    torch.testing.assert_close(local(changed, starts), local(features, starts), rtol=0, atol=0)
    both = head()
    assert not torch.equal(both(changed, starts)["predicted_score"], both(features, starts)["predicted_score"])


def test_every_weight_and_the_map_take_gradients(features, starts):
    network = head().train()
    features.map.requires_grad_()
    network(features, starts)["predicted_score"].square().sum().backward()
    assert all(p.grad is not None for p in network.parameters())
    assert features.map.grad.any()


class Scores:
    """Labels of the training split, of which the head reads the scores."""

    score = np.array([10.0, np.nan, 20.0])


@pytest.mark.parametrize("scale", [1.0, 63.0])
def test_it_can_start_from_the_mean_score(features, starts, scale):
    network = head(init_output_bias=True, label_scale=scale)
    assert list(network.fits) == ["score"]
    network.fit(Scores)
    torch.nn.init.zeros_(network.regressor[-1].weight)
    assert network(features, starts)["predicted_score"].tolist() == pytest.approx([15, 15])


def test_by_default_it_reads_no_labels_before_training():
    network = head()
    assert list(network.fits) == []
    network.fit(Scores)
    assert not network.regressor[-1].bias.any()


def test_the_last_layer_can_predict_a_share_of_the_scale(features, starts):
    network = head()
    scaled = head(label_scale=63)
    scaled.load_state_dict(network.state_dict())
    expected = 63 * network(features, starts)["predicted_score"]
    torch.testing.assert_close(scaled(features, starts)["predicted_score"], expected)


def test_dropout_is_random_in_training_alone(features, starts):
    network = head()
    assert torch.equal(network(features, starts)["predicted_score"], network(features, starts)["predicted_score"])
    network.train()
    assert not torch.equal(network(features, starts)["predicted_score"], network(features, starts)["predicted_score"])


@pytest.mark.parametrize(
    ("map", "options", "message"),
    [
        (None, {}, "reads the last feature map.*set backbone.map"),
        (MAP, {"local_attention": False, "global_attention": False}, "to be true, found neither"),
        (MAP, {"wspp_weights": "non"}, r"no head.wspp_weights named 'non'; .*did you mean 'none'"),
        (MAP, {"label_scale": 0.0}, "expected head.label_scale above 0, found 0.0"),
    ],
)
def test_impossible_options_are_refused(map, options, message):
    with pytest.raises(ConfigError, match=message):
        DLGAHead(map, **options)


def test_maps_of_another_size_are_refused(starts):
    with pytest.raises(ConfigError, match=r"expected feature maps of \(3, 8, 8\), found \(3, 9, 9\)"):
        head()(Features(torch.zeros(2, 3), torch.zeros(2, 3, 9, 9)), starts)
    with pytest.raises(ConfigError, match=r"found None"):
        head()(Features(torch.zeros(2, 3)), starts)
