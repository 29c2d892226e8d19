"""The three networks of MTCNN with the weights of facenet-pytorch, laid out so that CPUs run them fast.

Results equal those of facenet-pytorch, except for the order of float32 sums. Channels lie next to each other in memory.
"""

from collections.abc import Sequence
from copy import deepcopy

import torch
from facenet_pytorch.models.mtcnn import ONet, PNet, RNet
from torch import Tensor, nn
from torch.nn.functional import linear, prelu, softmax

from fercli.ops.reused import keep_freed_memory
from fercli.preprocess.mosaic import CELL, STRIDE, Mosaic, num_places

PLACES_AT_A_TIME = 32768  # for P-Net: more do not fit into the cache of a CPU


class Proposals(nn.Module):
    """P-Net: for each place of an image, the confidence of a face of 12 pixels, and its box; places are 2 pixels apart.

    Args:
        threshold: least confidence of a place, in [0, 1].
    """

    weight: Tensor
    bias: Tensor
    difference: Tensor

    def __init__(self, network: PNet, threshold: float):
        super().__init__()
        layers = _layers(network)
        self.first, self.rest = layers[:2], layers[2:]  # before and after the place where pooling ignores pixels
        self.register_buffer("weight", torch.cat([network.conv4_1.weight, network.conv4_2.weight]).flatten(1))
        self.register_buffer("bias", torch.cat([network.conv4_1.bias, network.conv4_2.bias]))
        # Except for rounding, the difference of the two logits decides which places are confident.
        self.register_buffer("difference", self.weight[1] - self.weight[0])
        self.threshold = threshold
        logit = torch.logit(torch.tensor(min(threshold, 0.999))).item()
        self.least = logit - 0.01 - (self.bias[1] - self.bias[0]).item()

    def forward(self, canvas: Tensor, mosaic: Mosaic) -> tuple[Tensor, Tensor]:
        """Find the places that are confident enough, and a few just below the threshold.

        Places between two rectangles of the canvas are among them.

        Args:
            canvas: (N, 3, H, W) float32, centered.
            mosaic: what lies where in the canvas.

        Returns:
            Indices (K,) int64, ascending, among the places of all canvases; and their features (K, 32).
        """
        rows, columns = (num_places(side) for side in canvas.shape[2:])
        step = rows if len(canvas) > 1 else max(CELL, PLACES_AT_A_TIME // columns)
        indices, features = [], []
        for row in range(0, rows, step):
            flat = self._strip(canvas, mosaic, row, min(row + step, rows)).reshape(-1, len(self.difference))
            index = (flat @ self.difference >= self.least).nonzero().flatten()
            indices.append(index + row * columns)
            features.append(flat.index_select(0, index))
        return torch.cat(indices), torch.cat(features)

    def _strip(self, canvas: Tensor, mosaic: Mosaic, row: int, stop: int) -> Tensor:
        """Return the features of some rows of places, (N, rows, columns, 32)."""
        last = None if stop == num_places(canvas.shape[2]) else STRIDE * (stop - 1) + CELL
        part = self.first(canvas[:, :, STRIDE * row : last])
        beyond = torch.from_numpy(mosaic.beyond_in(STRIDE * row, part.shape[2])).to(part.device)
        places = part.permute(0, 2, 3, 1).view(len(part), -1, part.shape[1])
        places.index_fill_(1, beyond, -torch.inf)
        return self.rest(part).permute(0, 2, 3, 1)

    def outputs(self, features: Tensor) -> Tensor:
        """Return (K, 5) the confidence of places, and the offsets of the corners of their boxes in sides of the box."""
        return _with_confidence(linear(features, self.weight, self.bias))


class Refinement(nn.Module):
    """R-Net or O-Net: the confidence that a crop shows a face, the box of the face, and with O-Net its five points.

    Args:
        heads: the last layers; the layer of the confidence comes first.
    """

    weight: Tensor
    bias: Tensor

    def __init__(self, network: RNet | ONet, dense: nn.Linear, prelu: nn.PReLU, heads: Sequence[nn.Linear]):
        super().__init__()
        self.features = _layers(network)
        self.dense, self.prelu = dense, prelu
        # facenet-pytorch flattens columns before rows, as the original MTCNN does; here rows come first.
        channels = next(layer.out_channels for layer in reversed(self.features) if isinstance(layer, nn.Conv2d))
        side = round((dense.in_features / channels) ** 0.5)
        weight = dense.weight.detach().unflatten(1, (side, side, channels)).transpose(1, 2).flatten(1)
        self.dense.weight = nn.Parameter(weight.contiguous())
        self.register_buffer("weight", torch.cat([head.weight for head in heads]))
        self.register_buffer("bias", torch.cat([head.bias for head in heads]))

    def forward(self, crops: Tensor) -> Tensor:
        """Return the confidences and the other outputs, (K, 5) or (K, 15), of centered crops (K, 3, H, W) float32."""
        features = self.features(crops).permute(0, 2, 3, 1).flatten(1)
        return _with_confidence(linear(self.prelu(self.dense(features)), self.weight, self.bias))


class Sloped(nn.Module):
    """PReLU on rows of pixels at once; faster than torch's layer where few channels lie next to each other."""

    weight: Tensor

    def __init__(self, given: nn.PReLU):
        super().__init__()
        self.register_buffer("weight", given.weight.detach())
        self.of_row = self.weight  # of all values of a row; kept for the next images, which mostly are as wide

    def forward(self, x: Tensor) -> Tensor:
        """Apply to (N, C, H, W)."""
        rows = x.permute(0, 2, 3, 1).flatten(2)
        if len(self.of_row) != rows.shape[2]:
            self.of_row = self.weight.repeat(x.shape[3])
        return prelu(rows.flatten(0, 1), self.of_row).view(len(x), x.shape[2], x.shape[3], -1).permute(0, 3, 1, 2)


class Pooled(nn.Module):
    """Max pooling of stride 2 with `ceil_mode`; faster than torch's layer where channels lie next to each other.

    Args:
        side: of the window in pixels, 2 or 3.
    """

    def __init__(self, side: int):
        super().__init__()
        self.side = side

    def forward(self, x: Tensor) -> Tensor:
        """Pool (N, C, H, W) along both axes; n > 2 pixels become ceil((n - side) / 2) + 1."""
        return self._along(self._along(x.permute(0, 2, 3, 1), 1), 2).permute(0, 3, 1, 2)

    def _along(self, x: Tensor, dim: int) -> Tensor:
        half, odd = divmod(x.shape[dim], 2)
        pairs = x.narrow(dim, 0, 2 * half).unflatten(dim, (half, 2))
        larger = torch.maximum(pairs.select(dim + 1, 0), pairs.select(dim + 1, 1))
        if self.side == 2:
            return torch.cat([larger, x.narrow(dim, 2 * half, 1)], dim) if odd else larger
        third = x.movedim(dim, 0)[2::2].movedim(0, dim)
        start = larger.narrow(dim, 0, third.shape[dim])
        torch.maximum(start, third, out=start)
        return larger


def networks(device: torch.device, threshold: float) -> tuple[Proposals, Refinement, Refinement]:
    """Return P-Net, for places of at least this confidence, R-Net and O-Net."""
    keep_freed_memory()
    second, third = RNet(), ONet()
    built = (
        Proposals(PNet(), threshold),
        Refinement(second, second.dense4, second.prelu4, (second.dense5_1, second.dense5_2)),
        Refinement(third, third.dense5, third.prelu5, (third.dense6_1, third.dense6_2, third.dense6_3)),
    )
    for network in built:
        network.requires_grad_(False).to(device).eval()
    return built


def _with_confidence(outputs: Tensor) -> Tensor:
    """Put the confidence in the place of the two logits at the beginning of outputs (K, C), C - 1 then."""
    return torch.cat([softmax(outputs[:, :2], 1)[:, 1:], outputs[:, 2:]], 1)


def _layers(network: nn.Module) -> nn.Sequential:
    """Return the 3 x 3 and 2 x 2 convolutions of a network with their PReLU and pooling.

    The first convolution divides centered pixels by 128; division by a power of two changes no digit of the results.
    """
    layers: list[nn.Module] = []
    for layer in deepcopy(network).children():
        if isinstance(layer, nn.Conv2d) and layer.kernel_size != (1, 1):
            layers.append(layer)
        elif isinstance(layer, nn.PReLU) and isinstance(layers[-1], nn.Conv2d):
            layers.append(Sloped(layer))
        elif isinstance(layer, nn.MaxPool2d):
            assert isinstance(layer.kernel_size, int)
            layers.append(Pooled(layer.kernel_size))
    first = layers[0]
    assert isinstance(first, nn.Conv2d)
    first.weight = nn.Parameter(first.weight.detach() / 128)
    return nn.Sequential(*layers).to(memory_format=torch.channels_last)
