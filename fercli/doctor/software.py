"""Python, the libraries that fercli needs, and its extras."""

import platform
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from fercli.doctor.finding import Finding

INSTALL = "make install, or pip install --upgrade ."
# What needs an extra. The extras of people who work on fercli itself are not looked at.
EXTRAS = {
    "landmarks": "landmarks=dlib",
    "export": "`fercli export`",
    "mislabels": "`fercli labels` with predictions",
    "mlflow": "`logger=mlflow`",
    "umap": "`fercli eval --embedding umap`",
    "wandb": "`logger=wandb`",
    "xlsx": "tables that are Excel workbooks",
}


def python() -> Iterator[Finding]:
    """Name the versions of fercli, Python and the system."""
    yield Finding("fercli", "ok", f"{version('fercli')} in {Path(__file__).parents[1]}")
    yield Finding("python", "ok", f"{platform.python_version()} in {sys.prefix}; {platform.platform()}")


def libraries() -> Iterator[Finding]:
    """Compare the installed libraries with those that fercli asks for."""
    from packaging.requirements import Requirement

    wanted = [Requirement(line) for line in requires("fercli") or ()]
    needed = [one for one in wanted if one.marker is None]
    wrong = [text for one in needed if (text := _unmet(one.name, one.specifier))]
    if wrong:
        yield Finding("libraries", "wrong", "; ".join(wrong), INSTALL)
    else:
        shown = ("torch", "torchvision", "pytorch-lightning", "hydra-core", "opencv-python-headless")
        yield Finding("libraries", "ok", f"{len(needed)}, with {', '.join(f'{one} {version(one)}' for one in shown)}")
    for extra, purpose in EXTRAS.items():
        parts = [one for one in wanted if one.marker and one.marker.evaluate({"extra": extra})]
        missing = [text for one in parts if (text := _unmet(one.name, one.specifier))]
        if missing:
            yield Finding(f"extra {extra}", "note", "; ".join(missing), f'pip install "fercli[{extra}]" for {purpose}')
        else:
            yield Finding(f"extra {extra}", "ok", ", ".join(f"{one.name} {version(one.name)}" for one in parts))


def _unmet(name: str, specifier: object) -> str:
    """Say how an installed library differs from what is asked for; nothing where it does not."""
    from packaging.specifiers import SpecifierSet

    asked = SpecifierSet(str(specifier))
    try:
        found = version(name)
    except PackageNotFoundError:
        return f"{name} is not installed"
    return "" if asked.contains(found, prereleases=True) else f"expected {name} {asked}, found {found}"
