"""A depression score as one number, as bins, or as both from one network."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from fercli.batch import Labels
from fercli.errors import choose
from fercli.ops.pairwise import full_precision
from fercli.ops.score_distribution import expectation
from fercli.prediction import Features

FORMS = ("joint", "separate", "mse_only", "distri_only")
DECODES = ("reg", "bin", "mean")


def bin_score(score_logits: Tensor, max_score: int, offset: float = 0.5) -> Tensor:
    """(B,) points in [0, max_score]: the expected bin of scores (B, num_bins), minus an offset.

    The distributed loss of a label y is smallest when bins y and y + 1 have probability 1/2 each. The expected bin is
    then y + 0.5, which explains the default offset.
    """
    return (expectation(full_precision(score_logits).softmax(1)) - offset).clamp(0, max_score)


class DepressionBinsHead(nn.Module):
    """Networks with one hidden layer and ReLU, from the feature to a score in points, to bins, or to both.

    The score starts at the mean of the training labels.

    Args:
        dim: width of the feature.
        max_score: n; labels are 0, 1, ..., n.
        form: `joint`: one network; its first output is the score, all others are the bins. `separate`: one network for
            the score and one for the bins. `mse_only`: only the score. `distri_only`: only the bins.
        hidden: width of the hidden layer.
        guard_bin: n + 2 bins instead of n + 1, so that the last label, like all others, has a bin above it.
        decode: the prediction in evaluation. `reg`: the score, clamped to its range. `bin`: see `bin_score`. `mean`:
            the mean of both. None: `mean` if the form has both, else the one that it has.
        bin_offset: of `bin_score`; 0 for the loss that interpolates between two bins.

    Raises:
        ConfigError: unknown form or decode, or a decode that the form does not have.

    Source: Lin 2021, section 3.3 and table 4-7; sizes and decoding are not printed.
    """

    def __init__(
        self,
        dim: int,
        max_score: int = 45,
        form: str = "joint",
        hidden: int = 256,
        guard_bin: bool = True,
        decode: str | None = None,
        bin_offset: float = 0.5,
    ):
        super().__init__()
        choose("head.form", form, FORMS)
        possible = {"mse_only": ("reg",), "distri_only": ("bin",)}.get(form, DECODES)
        choose("head.decode", decode, (None, *possible), f" with head.form={form}")
        self.max_score = max_score
        self.decode = decode or possible[-1]
        self.bin_offset = bin_offset
        self.num_bins = max_score + (2 if guard_bin else 1)
        widths = {"joint": (1 + self.num_bins,), "separate": (1, self.num_bins)}
        widths |= {"mse_only": (1,), "distri_only": (self.num_bins,)}
        self.networks = nn.ModuleList(
            nn.Sequential(nn.Linear(dim, hidden), nn.ReLU(), nn.Linear(hidden, width)) for width in widths[form]
        )
        self.fits: Sequence[str] = () if form == "distri_only" else ("score",)

    def fit(self, labels: Labels) -> None:
        """Start the score at the mean label."""
        if self.fits:
            with torch.no_grad():
                self.networks[0][-1].bias[0] = float(np.nanmean(labels.score))  # type: ignore[index]

    def scores(self, features: Features) -> dict[str, Tensor]:
        """Outputs of the networks: `reg` (B,) in points, unbounded, and `bins` (B, num_bins) before softmax."""
        outputs = full_precision(torch.cat([network(features.vector) for network in self.networks], 1))
        found = {"reg": outputs[:, 0]} if self.fits else {}
        bins = outputs[:, len(found) :]
        return found | ({"bins": bins} if bins.shape[1] else {})

    def forward(self, features: Features) -> dict[str, Tensor]:
        """Return `predicted_score` (B,), and more fields for forms with bins.

        A form with bins also gives `score_logits` (B, num_bins). A form with a score and bins also gives
        `regressed_score` and `binned_score` (B,), in the range of the scores.

        In evaluation, `predicted_score` follows `decode`. In training, it is the unbounded output of the regression (if
        there is one), because the squared error reads it. A clamped score would have no gradient outside its range,
        and the mean with the bins would have another gradient.
        """
        outputs = self.scores(features)
        decoded = decoded_scores(outputs, self.max_score, self.bin_offset)
        predicted = outputs["reg"] if self.training and "reg" in outputs else decoded[self.decode]
        found = {"predicted_score": predicted}
        if "bins" in outputs:
            found["score_logits"] = outputs["bins"]
        if "mean" in decoded:
            found |= {"regressed_score": decoded["reg"], "binned_score": decoded["bin"]}
        return found


def decoded_scores(outputs: dict[str, Tensor], max_score: int, bin_offset: float = 0.5) -> dict[str, Tensor]:
    """(B,) points in [0, max_score] for each decoding that the outputs allow: `reg`, `bin` and `mean`.

    Args:
        outputs: of `DepressionBinsHead.scores`.
    """
    decoded = {}
    if "reg" in outputs:
        decoded["reg"] = outputs["reg"].clamp(0, max_score)
    if "bins" in outputs:
        decoded["bin"] = bin_score(outputs["bins"], max_score, bin_offset)
    return decoded | ({"mean": (decoded["reg"] + decoded["bin"]) / 2} if len(decoded) == 2 else {})
