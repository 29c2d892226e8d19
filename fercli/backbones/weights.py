"""Load pretrained weights into a backbone."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from fercli.errors import ConfigError, DataError, reading

WRAPPERS = ("state_dict", "model_state_dict", "model", "net")  # keys under which training scripts save the weights


def load_file(net: nn.Module, path: str | Path) -> None:
    """Load a state dict file non-strictly; see `load_matching`.

    Raises:
        DataError: the file is missing, or has no named tensors.
    """
    file = Path(path)
    if file.is_dir():  # a run
        file = file / "weights.ckpt"
    if not file.is_file():
        raise DataError(
            f"expected weights in {file}, found no file; backbone.weights is null, imagenet, a file or a run"
        )
    with reading(file, "a state dict of tensors", remedy="download it again"):
        found = torch.load(file, map_location="cpu", weights_only=True)
    load_matching(net, _tensors(found, file), str(file))


def load_matching(net: nn.Module, state: Mapping[str, Tensor], source: str) -> None:
    """Load the tensors whose name and shape fit, warn about the others.

    A prefix that a wrapper put before all names, such as `module.`, is removed. A first convolution with another number
    of input channels is adapted as in timm.

    Raises:
        ConfigError: fewer than half of the network's tensors are found, so the architecture is another one.
    """
    from timm.models import adapt_input_conv  # timm takes a second to load

    own = {key: value for key, value in net.state_dict().items() if not key.endswith("num_batches_tracked")}
    state = _unwrapped(state, list(own))
    fitting = {}
    for key, value in state.items():
        if key in own and value.dim() == 4 and value.shape[1] == 3:
            value = adapt_input_conv(own[key].shape[1], value)
        if key in own and value.shape == own[key].shape:
            fitting[key] = value
    if len(fitting) < len(own) / 2:
        raise ConfigError(
            f"{source} holds {len(fitting)} of the {len(own)} tensors of this backbone, so it belongs to another one: "
            f"expected names such as '{next(iter(own))}', found '{next(iter(state), 'none')}'"
        )
    net.load_state_dict(fitting, strict=False)
    missing = [key for key in own if key not in fitting]
    unused = [key for key in state if key not in fitting and not key.endswith("num_batches_tracked")]
    if missing or unused:
        warnings.warn(
            f"{source}: {len(fitting)} tensors loaded; left at their random start: {_some(missing)}; "
            f"not used: {_some(unused)}",
            stacklevel=2,
        )


def _unwrapped(state: Mapping[str, Tensor], names: list[str]) -> dict[str, Tensor]:
    """Return the tensors without the prefix; the chosen prefix makes most names match."""
    prefixes = {key.removesuffix(names[0]) for key in state if key.endswith(names[0])} | {""}
    best = max(sorted(prefixes), key=lambda prefix: sum(prefix + name in state for name in names))
    return {key.removeprefix(best): value for key, value in state.items()}


def _tensors(found: Any, file: Path) -> dict[str, Tensor]:
    for key in WRAPPERS:
        if isinstance(found, Mapping) and isinstance(found.get(key), Mapping):
            found = found[key]
    if isinstance(found, Mapping):
        tensors = {str(key): value for key, value in found.items() if isinstance(value, Tensor)}
        if tensors:
            return tensors
    raise DataError(f"expected tensors by name in {file}, found {type(found).__name__} without any")


def _some(keys: list[str]) -> str:
    shown = ", ".join(keys[:5])
    return (f"{shown} and {len(keys) - 5} more" if len(keys) > 5 else shown) or "none"
