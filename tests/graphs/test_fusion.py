import pytest
import torch

from fercli.errors import ConfigError
from fercli.graphs.fusion import AdaptiveFusion


def test_the_weights_add_up_to_1_and_scale_the_means():
    torch.manual_seed(0)
    fusion = AdaptiveFusion((3, 2, 2), hidden=4)
    maps = {"face": torch.rand(5, 3, 2, 2), "context": torch.rand(5, 3, 2, 2)}
    face, context = (maps[name].mean((2, 3)) for name in ("face", "context"))
    found = fusion(maps)
    scores = []
    for name, mean in (("face", face), ("context", context)):
        first, _, last = fusion.scores[name]
        hidden = (mean @ first.weight.T + first.bias).clamp(min=0)
        scores.append((hidden @ last.weight.T + last.bias).exp())
    share = scores[0] / (scores[0] + scores[1])
    torch.testing.assert_close(found, torch.cat([share * face, (1 - share) * context], 1))
    assert (share - 0.5).abs().max() > 0.01
    assert found.shape == (5, fusion.dim)


def test_without_maps():
    with pytest.raises(ConfigError, match="which the backbone does not give"):
        AdaptiveFusion(None)
