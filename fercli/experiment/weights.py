"""Weights of a run: read without running code, written whole, moved to where they compute."""

import io
from pathlib import Path

import torch
from torch import nn

from fercli.errors import ConfigError, RunError


def load_weights(method: nn.Module, checkpoint: Path) -> None:
    """The weights that a checkpoint holds, read without running any code that it may contain.

    Raises:
        RunError: it is missing, damaged, or of another network.
    """
    if not checkpoint.is_file():
        raise RunError(f"expected the weights of the run in {checkpoint}; delete its folder and train it again")
    try:
        method.load_state_dict(torch.load(checkpoint, map_location="cpu", weights_only=True)["state_dict"])
    except Exception as error:
        reason = (str(error).splitlines() or ["it ends too early"])[0]
        raise RunError(f"{checkpoint} cannot be used: {reason}") from error


def write_weights(method: nn.Module, path: Path) -> None:
    """Write what `load_weights` reads, atomically; it does not say on which device they were."""
    content = io.BytesIO()  # of a full disk, torch itself does not say that it is full
    torch.save({"state_dict": {name: value.cpu() for name, value in method.state_dict().items()}}, content)
    temporary = path.with_suffix(".tmp")
    temporary.write_bytes(content.getbuffer())
    temporary.replace(path)


def move_to(method: nn.Module, device: str | None) -> None:
    """Bring a method to a device; None is the first GPU, or the processor where there is none.

    Raises:
        ConfigError: there is no such device.
    """
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        method.to(device)
    except (RuntimeError, AssertionError) as error:
        raise ConfigError(f"no device '{device}': {str(error).splitlines()[0]}") from error
