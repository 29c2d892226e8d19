"""Run the trainings of a cluster in an Apptainer image."""

from collections.abc import Iterable
from pathlib import Path

from fercli.errors import ConfigError, printable


def inside(image: str, words: Iterable[str], folders: Iterable[Path], gpus: bool) -> tuple[str, ...]:
    """Return the start of a command that runs Python in an image.

    The container sees the working folder, the given folders, and every path that a word names: stores, runs, raw data.

    Args:
        image: an image file, or an address such as `docker://...`.
        words: arguments of `fercli`.
        folders: further folders.
        gpus: whether it uses the GPUs of the node.

    Raises:
        ConfigError: there is no such file.
    """
    if "://" not in image:
        if not Path(image).exists():
            raise ConfigError(f"expected an Apptainer image at launcher.container={printable(image)}; found no file")
        image = str(Path(image).absolute())
    named = [Path(word.rpartition("=")[2]) for word in words]
    here = Path.cwd()
    paths = [here, *folders, *(path for path in named if "/" in str(path) and _exists(path))]
    seen = dict.fromkeys(place for path in paths for place in (path.absolute(), path.resolve()))
    outside = [path for path in seen if path == here or not path.is_relative_to(here)]
    binds = (word for path in outside for word in ("--bind", _escaped(path)))
    # The packages in the user's home are those of another Python.
    python = ("python3", "-s", "-P")
    return ("apptainer", "exec", *(["--nv"] if gpus else []), *binds, "--pwd", str(here), image, *python)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a word that is no path may be too long for one
        return False


def _escaped(path: Path) -> str:
    return str(path).replace("\\", "\\\\").replace(":", "\\:").replace(",", "\\,")
