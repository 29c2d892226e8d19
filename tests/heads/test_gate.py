import pytest
import torch
from torch.nn import functional as F

from fercli.errors import ConfigError
from fercli.heads.gate import Gate, ParallelConv2d, ParallelLinear
from fercli.heads.local_attention import LocalAttention
from tests.heads.test_local_attention import CHANNELS, double


def test_parallel_layers_are_separate_layers():
    convolution, layer = double(ParallelConv2d(3, 4, 5, 3)), double(ParallelLinear(3, 4, 5))
    maps, vectors = torch.randn(3, 2, 4, 6, 6, dtype=torch.float64), torch.randn(3, 2, 4, dtype=torch.float64)
    for j in range(3):
        expected = F.conv2d(maps[j], convolution.weight[j], convolution.bias[j], padding=1)
        torch.testing.assert_close(convolution(maps)[j], expected)
        torch.testing.assert_close(layer(vectors)[j], F.linear(vectors[j], layer.weight[j].T, layer.bias[j]))


def test_parallel_layers_start_from_he_normal_weights():
    convolution, layer = ParallelConv2d(3, 64, 32, 3), ParallelLinear(3, 500, 20)
    assert convolution.weight.var().item() == pytest.approx(2 / (64 * 9), rel=0.05)
    assert layer.weight.var().item() == pytest.approx(2 / 500, rel=0.05)
    assert not convolution.bias.any()
    assert not layer.bias.any()


def test_a_gate_without_average_reads_all_places():
    with torch.device("meta"):
        assert Gate(1, 512, 14, "flatten").first.weight.shape == (1, 6272, 64)
        assert Gate(24, 640, 6, "flatten").first.weight.shape == (24, 1152, 64)


def test_an_unknown_pooling_is_refused():
    with pytest.raises(ConfigError, match=r"no head.gate_pooling named 'mean'; choices: average, flatten"):
        LocalAttention(CHANNELS, gate_pooling="mean")
