import pytest
import torch

from fercli.errors import ConfigError, RunError
from fercli.heads.attentive import AttentiveHead
from fercli.heads.linear import LinearHead
from fercli.prediction import Features

MAP = (6, 3, 3)
WEIGHT = 0.01


def head(**options):
    return AttentiveHead(6, 7, MAP, widths=(8, 5, 4), **options)


@pytest.fixture
def features():
    """Four samples whose vector is the pooled map, which takes a gradient."""
    map = torch.randn(4, *MAP, generator=torch.Generator().manual_seed(0)).requires_grad_()
    return Features(map.mean((2, 3)), map)


def sparse_center_loss(attention, feature):
    """All centers at 0; equation 4.4."""
    return (attention * feature**2).sum() / (2 * len(feature))


def test_shapes(features):
    for gated in (False, True):
        found = head(gated=gated)(features)
        shapes = {name: tuple(value.shape) for name, value in found.items()}
        assert shapes == {"logits": (4, 7), "class_vectors": (7, 6), "attention": (4, 6)}


def test_the_classifier_starts_as_without_attention(features):
    torch.manual_seed(3)
    plain = LinearHead(6, 7)
    torch.manual_seed(3)
    attentive = head()
    assert torch.equal(attentive.weight, plain.weight)
    assert torch.equal(attentive.bias, plain.bias)


def test_class_scores_in_evaluation_need_no_attention_network(features):
    attentive = head().eval()
    plain = LinearHead(6, 7).eval()
    missing, unexpected = plain.load_state_dict(attentive.state_dict(), strict=False)
    assert not missing
    assert all(name.startswith("attention.") for name in unexpected)
    assert torch.equal(attentive(features)["logits"], plain(features)["logits"])


def test_softmax_loss_does_not_reach_the_attention_network(features):
    attentive = head()
    torch.nn.functional.cross_entropy(attentive(features)["logits"], torch.arange(4)).backward()
    assert all(p.grad is None for p in attentive.attention.parameters())
    assert attentive.weight.grad.any()
    assert attentive.bias.grad.any()


@pytest.mark.parametrize("gated", [False, True])
def test_sparse_center_loss_reaches_attention_and_backbone_but_not_the_classifier(features, gated):
    attentive = head(gated=gated)
    (WEIGHT * sparse_center_loss(attentive(features)["attention"], features.vector)).backward()
    assert attentive.weight.grad is None
    assert attentive.bias.grad is None
    assert features.map.grad.any()
    for name, parameter in attentive.attention.named_parameters():
        # A bias before batch normalization has no effect.
        cancels = name.endswith(".bias") and parameter.grad.abs().max() < 1e-6
        assert parameter.grad.any() or cancels, name
    assert attentive.attention.encoder.code[0].weight.grad.any()


@pytest.mark.parametrize("detach", [False, True])
def test_the_context_can_be_detached(features, detach):
    found = head(detach=detach)(features)["attention"]
    sparse_center_loss(found, features.vector.detach()).backward()
    assert (features.map.grad is None) == detach


def test_normalized_weights_are_one_on_average_and_cannot_all_fall(features):
    torch.manual_seed(1)
    plain = head()(features)["attention"]
    torch.manual_seed(1)
    attentive = head(normalize="mean")
    found = attentive(features)["attention"]
    torch.testing.assert_close(found, plain / plain.mean(1, keepdim=True))
    torch.testing.assert_close(found.mean(1), torch.ones(4))
    with torch.no_grad():  # every element nearly excluded
        attentive.attention.heads.bias.copy_(torch.tensor([20.0, 0.0]).repeat(6))
    torch.testing.assert_close(attentive(features)["attention"].mean(1), torch.ones(4))


def test_without_a_known_map():
    with pytest.raises(ConfigError, match=r"reads the last feature map.*set backbone.map"):
        AttentiveHead(6, 7, None)


def test_maps_of_another_size_are_refused():
    with pytest.raises(ConfigError, match=r"expected feature maps of 6x3x3, found 6x4x4"):
        head()(Features(torch.zeros(2, 6), torch.zeros(2, 6, 4, 4)))
    with pytest.raises(ConfigError, match=r"expected feature maps of 6x3x3, found none"):
        head()(Features(torch.zeros(2, 6)))


def test_an_unknown_normalization_is_refused():
    with pytest.raises(ConfigError, match=r"no head.normalize named 'men'; did you mean 'mean'\? choices: mean, null"):
        head(normalize="men")


def test_a_training_batch_of_one_is_refused():
    with pytest.raises(RunError, match="at least 2 images"):
        head()(Features(torch.zeros(1, 6), torch.zeros(1, *MAP)))


def test_parameters_of_the_whole_model_beside_the_backbone():
    with torch.device("meta"):
        attentive = AttentiveHead(512, 7, (512, 7, 7))
    assert sum(p.numel() for p in attentive.parameters()) == 103_042_311 - 11_176_512
