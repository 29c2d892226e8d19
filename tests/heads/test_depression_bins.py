from types import SimpleNamespace

import numpy as np
import pytest
import torch

from fercli.batch import FitsLabels
from fercli.errors import ConfigError
from fercli.heads.depression_bins import DepressionBinsHead, bin_score
from fercli.prediction import Features

FORMS = {"joint": (True, True), "separate": (True, True), "mse_only": (True, False), "distri_only": (False, True)}


@pytest.fixture
def features():
    return Features(torch.randn(5, 6, generator=torch.Generator().manual_seed(0)).requires_grad_())


def head(form="joint", fitted=20.0, **options):
    torch.manual_seed(1)
    built = DepressionBinsHead(6, form=form, hidden=4, **options)
    built.fit(SimpleNamespace(score=np.array([fitted - 3, np.nan, fitted + 3])))
    return built


@pytest.mark.parametrize(
    ("form", "options", "count"),
    [
        ("joint", {}, 143_664),
        ("separate", {}, 274_992),
        ("mse_only", {}, 131_585),
        ("distri_only", {}, 143_407),
        ("joint", {"guard_bin": False}, 143_407),
    ],
)
def test_number_of_parameters(form, options, count):
    with torch.device("meta"):
        built = DepressionBinsHead(512, form=form, **options)
    assert sum(p.numel() for p in built.parameters()) == count


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("training", [True, False])
def test_fields(features, form, training):
    found = head(form).train(training)(features)
    shapes = {"predicted_score": (5,)} | ({"score_logits": (5, 47)} if FORMS[form][1] else {})
    shapes |= dict.fromkeys(("regressed_score", "binned_score"), (5,)) if all(FORMS[form]) else {}
    assert {name: tuple(value.shape) for name, value in found.items()} == shapes


@pytest.mark.parametrize(("decode", "expected"), [("reg", "regressed_score"), ("bin", "binned_score")])
def test_every_way_to_read_the_score_is_given(features, decode, expected):
    found, mean = head(decode=decode).eval()(features), head().eval()(features)
    assert torch.equal(found["predicted_score"], found[expected])
    for name in ("regressed_score", "binned_score"):
        torch.testing.assert_close(found[name], mean[name])
    torch.testing.assert_close(2 * mean["predicted_score"], mean["regressed_score"] + mean["binned_score"])


def test_guard_bin(features):
    assert head(guard_bin=False)(features)["score_logits"].shape == (5, 46)
    assert head(guard_bin=False, max_score=63)(features)["score_logits"].shape == (5, 64)


def test_one_network_or_two(features):
    """Whether the loss of the bins reaches the hidden layer of the score."""
    for form, shared in (("joint", True), ("separate", False)):
        built = head(form)
        built(features)["score_logits"].square().sum().backward()
        reached = [bool(network[0].weight.grad.any()) for network in built.networks]
        assert reached == ([True] if shared else [False, True])


def test_layers_are_linear_relu_linear(features):
    built = head()
    first, _, last = built.networks[0]
    hidden = (features.vector @ first.weight.T + first.bias).clamp(min=0)
    outputs = hidden @ last.weight.T + last.bias
    torch.testing.assert_close(built(features)["predicted_score"], outputs[:, 0])
    torch.testing.assert_close(built(features)["score_logits"], outputs[:, 1:])


def test_the_score_starts_at_the_mean_label(features):
    for form in ("joint", "separate", "mse_only"):
        built = head(form)
        assert isinstance(built, FitsLabels)
        assert list(built.fits) == ["score"]
        assert built.networks[0][-1].bias[0].item() == 20
        assert (built.networks[0][-1].bias[1:] != 20).all()
        assert (built(features)["predicted_score"] - 20).abs().max() < 5
    assert list(head("distri_only").fits) == []


def outputs(built, reg, logits):
    """The score that a head gives when its networks put out these numbers, whatever the feature."""
    numbers = torch.tensor([number for number in (reg, *logits) if number is not None])
    sizes = [network[-1].out_features for network in built.networks]
    for network, part in zip(built.networks, numbers.split(sizes), strict=True):
        network[-1].weight.data.zero_()
        network[-1].bias.data.copy_(part)
    return built(Features(torch.zeros(1, 6)))["predicted_score"].item()


LOGITS = [0.0, 1, 2, -1]


@pytest.mark.parametrize("form", ["joint", "separate"])
@pytest.mark.parametrize(
    ("decode", "reg", "expected"),
    [
        ("reg", 1.5, 1.5),
        ("reg", -3, 0),
        ("reg", 9, 2),
        ("bin", 9, 1.120887147706),
        ("mean", 1.5, (1.5 + 1.120887147706) / 2),
        (None, 9, (2 + 1.120887147706) / 2),
    ],
)
def test_decoding(form, decode, reg, expected):
    built = head(form, max_score=2, decode=decode)
    assert outputs(built.eval(), reg, LOGITS) == pytest.approx(expected, rel=1e-6)
    assert outputs(built.train(), reg, LOGITS) == reg  # as squared error reads it


def test_decoding_of_one_output():
    assert outputs(head("mse_only", max_score=2).eval(), 9, []) == 2
    assert outputs(head("distri_only", max_score=2).eval(), None, LOGITS) == pytest.approx(1.120887147706, rel=1e-6)
    assert outputs(head("distri_only", max_score=2).train(), None, LOGITS) == pytest.approx(1.120887147706, rel=1e-6)


def test_expectation_of_the_bins():
    logits = torch.tensor([LOGITS], dtype=torch.float64)
    assert bin_score(logits, 2).item() == pytest.approx(1.120887147706, rel=1e-9)
    assert bin_score(logits, 2, offset=0).item() == pytest.approx(1.620887147706, rel=1e-9)
    torch.testing.assert_close(bin_score(logits + 100, 2), bin_score(logits, 2), rtol=1e-12, atol=0)


def test_two_equal_peaks_are_decoded_to_the_label():
    logits = torch.full((46, 47), -1000.0, dtype=torch.float64)
    for label in range(46):
        logits[label, [label, label + 1]] = 0
    np.testing.assert_allclose(bin_score(logits, 45), np.arange(46), rtol=1e-12)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"form": "joined"}, "no head.form named 'joined'.*did you mean 'joint'"),
        ({"decode": "bins"}, "no head.decode named 'bins'.*did you mean 'bin'"),
        (
            {"form": "mse_only", "decode": "mean"},
            "no head.decode named 'mean' with head.form=mse_only; choices: null, reg",
        ),
        ({"form": "distri_only", "decode": "reg"}, "no head.decode named 'reg' with head.form=distri_only"),
    ],
)
def test_what_does_not_exist_is_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        DepressionBinsHead(6, **options)
