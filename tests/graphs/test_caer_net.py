"""CAER-Net's attention and fusion against loops over places and channels (Lee et al. 2019, sections 3.2 and 3.3)."""

from math import exp

import numpy as np
import pytest
import torch

from fercli.errors import ConfigError
from fercli.graphs.caer_net import CaerNetFusion, ContextAttention


@pytest.fixture
def fusion():
    """A small fusion in float64, whose batch normalization has statistics that are not 0 and 1."""
    torch.manual_seed(0)
    fusion = CaerNetFusion((3, 4, 5), hidden=6).double().eval()
    norm = fusion.attention.scores[1]
    for values in (norm.running_mean, norm.running_var, norm.weight.data, norm.bias.data):
        values.uniform_(0.5, 1.5)
    for parameter in fusion.parameters():
        parameter.data *= 2  # shares that are far from equal
    return fusion


@pytest.fixture
def maps():
    generator = torch.Generator().manual_seed(1)
    face, context = torch.rand(2, 2, 3, 4, 5, generator=generator, dtype=torch.float64)
    return {"face": face, "context": context}


def convolved(x, layer):
    """A 3x3 convolution with zeros around a map (D, h, w)."""
    weight, bias = layer.weight.detach().numpy(), layer.bias.detach().numpy()
    _, height, width = x.shape
    out = np.zeros((len(bias), height, width))
    for o in range(len(bias)):
        for i in range(height):
            for j in range(width):
                out[o, i, j] = bias[o]
                for d in range(len(x)):
                    for di in (-1, 0, 1):
                        for dj in (-1, 0, 1):
                            if 0 <= i + di < height and 0 <= j + dj < width:
                                out[o, i, j] += weight[o, d, di + 1, dj + 1] * x[d, i + di, j + dj]
    return out


def attention_shares(x, attention):
    """(h, w) shares of one map (D, h, w)."""
    first, norm, _, last = attention.scores
    hidden = convolved(x, first)
    mean, variance, scale, shift = (
        v.detach().numpy() for v in (norm.running_mean, norm.running_var, norm.weight, norm.bias)
    )
    for c in range(len(hidden)):
        hidden[c] = (hidden[c] - mean[c]) / np.sqrt(variance[c] + norm.eps) * scale[c] + shift[c]
    scores = convolved(np.maximum(hidden, 0), last)[0]
    total = sum(exp(score) for score in scores.ravel())
    return np.array([[exp(score) / total for score in row] for row in scores])


def stream_score(mean, layers):
    first, _, last = layers
    hidden = np.maximum(first.weight.detach().numpy() @ mean + first.bias.detach().numpy(), 0)
    return float(last.weight.detach().numpy()[0] @ hidden + last.bias.detach().numpy()[0])


def test_attention_is_a_softmax_over_places(fusion, maps):
    found = fusion.attention.weights(maps["context"])
    for sample, x in zip(found, maps["context"].numpy(), strict=True):
        np.testing.assert_allclose(sample[0].detach(), attention_shares(x, fusion.attention), rtol=1e-9)
    torch.testing.assert_close(found.sum((2, 3)), torch.ones(2, 1, dtype=torch.float64))
    assert found.max() > 2 * found.min()


def test_the_feature_is_both_means_each_times_its_weight(fusion, maps):
    found = fusion(maps).detach().numpy()
    for sample in range(2):
        face, context = (maps[stream][sample].numpy() for stream in ("face", "context"))
        shares = attention_shares(context, fusion.attention)
        means = [
            np.array([channel.sum() / channel.size for channel in face]),
            np.array([sum((shares * channel).ravel()) / channel.size for channel in context]),
        ]
        scores = [stream_score(mean, fusion.scores[stream]) for mean, stream in zip(means, maps, strict=True)]
        weight = exp(scores[0]) / (exp(scores[0]) + exp(scores[1]))
        expected = np.concatenate([weight * means[0], (1 - weight) * means[1]])
        np.testing.assert_allclose(found[sample], expected, rtol=1e-9)
        assert abs(weight - 0.5) > 0.01


@pytest.mark.parametrize("variant", ["face", "context"])
def test_one_stream_alone_has_no_weight(maps, variant):
    fusion = CaerNetFusion((3, 4, 5), variant).double().eval()
    seen = maps[variant] if variant == "face" else fusion.attention(maps["context"])
    assert torch.equal(fusion({variant: maps[variant]}), seen.mean((2, 3)))
    assert fusion.streams == (variant,)
    assert (fusion.dim, len(fusion.scores), fusion.attention is None) == (3, 0, variant == "face")


def test_equal_places_get_equal_shares():
    attention = ContextAttention(3, 4).eval()
    inner = attention.weights(torch.full((1, 3, 6, 6), 0.3))[0, 0, 2:4, 2:4]  # away from the zeros around the map
    torch.testing.assert_close(inner, inner[0, 0].expand(2, 2))


def test_what_cannot_be_fused_is_refused():
    with pytest.raises(ConfigError, match="which the backbone does not give"):
        CaerNetFusion(None)
    with pytest.raises(ConfigError, match=r"no method.fusion.variant named 'contxt'.*did you mean 'context'"):
        CaerNetFusion((3, 2, 2), "contxt")
