"""Weights and checkpoints of a run: written whole, read without running code, moved to a device."""

from pathlib import Path
from typing import Any, BinaryIO, cast
from zipfile import ZIP_STORED, ZipFile

import torch
from pytorch_lightning.plugins import TorchCheckpointIO
from torch import nn

from fercli.errors import ConfigError, RunError, reading
from fercli.files import written_whole

ANEW = "delete the folder of the run, or give --resume never, to train it from the start"


def load_weights(method: nn.Module, checkpoint: Path) -> None:
    """Load the weights of a checkpoint, without running any code that it may contain.

    Raises:
        RunError: the checkpoint is missing, damaged, or of another network.
    """
    if not checkpoint.is_file():
        raise RunError(f"expected the weights of the run in {checkpoint}; {ANEW}")
    content = read_checkpoint(checkpoint)
    try:
        method.load_state_dict(content["state_dict"])
    except Exception as error:
        reason = (str(error).splitlines() or ["it ends too early"])[0]
        raise RunError(f"{checkpoint} cannot be used: {reason}") from error


def write_weights(method: nn.Module, path: Path) -> None:
    """Write the weights for `load_weights`, independent of the device they are on."""
    write_checkpoint({"state_dict": {name: value.cpu() for name, value in method.state_dict().items()}}, path)


def write_checkpoint(content: dict[str, Any], path: Path) -> None:
    """Write tensors and plain values; the file is complete or not there."""
    with written_whole(path) as file:
        kept = _KeptErrors(file)
        try:
            torch.save(content, cast(BinaryIO, kept))
        except RuntimeError as error:
            raise kept.error or error from None


class _KeptErrors:
    """A file that keeps the first error of the operating system, because torch raises an error of its own instead."""

    def __init__(self, file: BinaryIO):
        self.file = file
        self.error: OSError | None = None

    def write(self, content: bytes) -> int:
        try:
            return self.file.write(content)
        except OSError as error:
            self.error = self.error or error
            raise

    def flush(self) -> None:
        self.file.flush()


def read_checkpoint(path: Path, map_location: Any = "cpu") -> dict[str, Any]:
    """Read what `write_checkpoint` wrote, without running any code.

    Raises:
        RunError: it is damaged. torch itself does not check the CRCs in its files: a flipped bit would change a weight
            without an error.
    """
    require_sound_checkpoint(path)
    with reading(path, "a checkpoint of fercli", error=RunError, remedy=ANEW):
        content: dict[str, Any] = torch.load(path, map_location=map_location, weights_only=True)
        return content


def require_sound_checkpoint(path: Path) -> None:
    """Make sure that a checkpoint holds what was written into it.

    Raises:
        RunError: it is damaged, or no checkpoint of fercli.
    """
    with reading(path, "a checkpoint of fercli", error=RunError, remedy=ANEW), ZipFile(path) as archive:
        if any(entry.compress_type != ZIP_STORED for entry in archive.infolist()):
            raise RunError(f"{path} is no checkpoint of fercli: its entries are compressed; {ANEW}")
        if (damaged := archive.testzip()) is not None:
            raise RunError(f"{path} is damaged: the CRC of {damaged} differs; {ANEW}")


class WholeCheckpoints(TorchCheckpointIO):
    """Write and read the checkpoints of a training for Lightning: whole, synced to the disk, and checked."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        """Write a checkpoint; a process that is killed meanwhile leaves the previous checkpoint."""
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        write_checkpoint(checkpoint, Path(path))

    def load_checkpoint(self, path: Any, map_location: Any = None, weights_only: bool | None = None) -> dict[str, Any]:
        """Read a checkpoint after checking that it is sound."""
        return read_checkpoint(Path(path), map_location or "cpu")


def move_to(method: nn.Module, device: str | None) -> None:
    """Move a method to a device; None is the first GPU, or the CPU if there is none.

    Raises:
        ConfigError: the device does not exist.
    """
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        method.to(device)
    except (RuntimeError, AssertionError) as error:
        raise ConfigError(f"no device '{device}': {str(error).splitlines()[0]}") from error
