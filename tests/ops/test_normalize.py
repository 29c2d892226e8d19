import pytest
import torch

from fercli.ops import normalize
from fercli.ops.normalize import normalized


@pytest.mark.parametrize("at_a_time", [1, 200, normalize.PIXELS_AT_A_TIME])
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("shape", [(4, 3, 20, 31), (2, 5, 3, 9, 9), (3, 1, 8, 8), (2, 2, 8, 8), (0, 3, 8, 8)])
def test_every_level_of_every_channel_is_normalized(shape, last, at_a_time, monkeypatch):
    monkeypatch.setattr(normalize, "PIXELS_AT_A_TIME", at_a_time)
    image = torch.randint(256, shape, dtype=torch.uint8)
    mean, std = [0.485, 0.456, 0.406][: shape[-3]], [0.229, 0.3, 0.225][: shape[-3]]
    given = image.movedim(-3, -1).contiguous().movedim(-1, -3) if last else image
    found = normalized(given, mean, std)
    center, width = (torch.tensor(values, dtype=torch.float64)[:, None, None] for values in (mean, std))
    torch.testing.assert_close(found.double(), (image.double() / 255 - center) / width, rtol=0, atol=1e-6)
    assert found.dtype == torch.float32
    assert found.is_contiguous()
    assert torch.equal(given, image)
