"""Per-pixel classification of the eyes and the mouth."""

from torch import Tensor, nn
from torch.nn import functional as F

from fercli.ops.pairwise import full_precision


class MaskCrossEntropy(nn.Module):
    """Binary cross-entropy of each pixel with the mask of eyes and mouth, mean over pixels; reads mask_logits, mask.

    A mask of another size is resized to that of the scores, averaging over areas. A pixel is in the mask if at least
    half of its area is.

    Source: Antoniadis 2021, section 5.1.
    """

    def forward(self, mask_logits: Tensor, mask: Tensor) -> Tensor:
        """Scalar loss of scores (B, h, w) before the sigmoid and a mask (B, H, W) in [0, 1]."""
        logits = full_precision(mask_logits)
        return F.binary_cross_entropy_with_logits(logits, mask_target(mask_logits, mask).to(logits.dtype))


def mask_target(mask_logits: Tensor, mask: Tensor) -> Tensor:
    """(B, h, w) bool: which pixels of scores (B, h, w) lie in a mask (B, H, W) in [0, 1]; False where it is unknown."""
    share = F.interpolate(full_precision(mask)[:, None], mask_logits.shape[1:], mode="area")[:, 0]
    return share >= 0.5
