import pytest
import torch

from fercli.errors import ConfigError
from fercli.heads.linear import LinearHead
from fercli.heads.multitask import MultiTaskHead
from fercli.prediction import Features


@pytest.fixture
def features():
    return Features(torch.randn(5, 6, generator=torch.Generator().manual_seed(0)).requires_grad_())


@pytest.mark.parametrize(
    ("fusion", "num_sectors", "width"),
    [("classic", None, 1024), ("concatenate", None, 1026), ("classic", 8, 1024), ("concatenate", 8, 1032)],
)
def test_shapes_of_the_layer_for_the_classes(fusion, num_sectors, width):
    head = MultiTaskHead(1024, 7, num_sectors, fusion)
    assert head.expression.weight.shape == (7, width)
    assert head.affect.weight.shape == (num_sectors or 2, 1024)


@pytest.mark.parametrize("fusion", ["classic", "concatenate", "separate"])
@pytest.mark.parametrize(
    ("num_sectors", "field", "width"),
    [(None, "predicted_affect", 2), *((n, "sector_logits", n) for n in (1, 2, 4, 8, 12))],
)
def test_fields(features, fusion, num_sectors, field, width):
    found = MultiTaskHead(6, 7, num_sectors, fusion)(features)
    assert {name: tuple(value.shape) for name, value in found.items()} == {"logits": (5, 7), field: (5, width)}


def test_multitask_parameters():
    head = MultiTaskHead(1024, 7)
    assert 6_953_856 + sum(p.numel() for p in head.parameters()) == 6_963_081
    assert 6_953_856 + sum(p.numel() for p in LinearHead(1024, 7).parameters()) == 6_961_031


@pytest.mark.parametrize("num_sectors", [None, 8])
def test_concatenate_with_zeros_for_the_output_is_classic(features, num_sectors):
    classic = MultiTaskHead(6, 7, num_sectors)
    joined = MultiTaskHead(6, 7, num_sectors, "concatenate")
    with torch.no_grad():
        joined.affect.load_state_dict(classic.affect.state_dict())
        joined.expression.bias.copy_(classic.expression.bias)
        joined.expression.weight.zero_()[:, :6] = classic.expression.weight
    for name, value in joined(features).items():
        torch.testing.assert_close(value, classic(features)[name])


def test_concatenate_reads_the_output_itself(features):
    head = MultiTaskHead(6, 7, 4, "concatenate")
    found = head(features)
    weight = head.expression.weight
    expected = features.vector @ weight[:, :6].T + found["sector_logits"] @ weight[:, 6:].T + head.expression.bias
    torch.testing.assert_close(found["logits"], expected)


@pytest.mark.parametrize(("fusion", "reaches"), [("classic", False), ("concatenate", True), ("separate", False)])
def test_what_the_loss_of_the_classes_reaches(features, fusion, reaches):
    head = MultiTaskHead(6, 7, fusion=fusion)
    head(features)["logits"].square().sum().backward()
    assert all(p.grad is not None for p in head.expression.parameters())
    assert all((p.grad is not None) == reaches for p in head.affect.parameters())
    assert features.vector.grad.any()


def test_separate_branches_are_linear_relu_linear_and_share_nothing(features):
    head = MultiTaskHead(6, 7, fusion="separate")
    for branch, field in ((head.expression, "logits"), (head.affect, "predicted_affect")):
        first, _, last = branch
        hidden = (features.vector @ first.weight.T + first.bias).clamp(min=0)
        assert hidden.shape == (5, 6)
        torch.testing.assert_close(head(features)[field], hidden @ last.weight.T + last.bias)
    assert not {id(p) for p in head.expression.parameters()} & {id(p) for p in head.affect.parameters()}


def test_the_classic_classifier_starts_as_a_linear_one():
    torch.manual_seed(2)
    expected = LinearHead(6, 7).weight
    torch.manual_seed(2)
    assert torch.equal(MultiTaskHead(6, 7).expression.weight, expected)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fusion": "clasic"}, "no head.fusion named 'clasic'.*did you mean 'classic'"),
        ({"num_sectors": 3}, "expected head.num_sectors as null, 1, 2, 4, 8 or 12, found 3"),
    ],
)
def test_what_does_not_exist_is_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        MultiTaskHead(6, 7, **options)
