"""The commit of the code of fercli that runs."""

import subprocess
from functools import cache
from pathlib import Path


def commit() -> str | None:
    """Return the commit of the checkout that fercli runs from, with `+` where files differ from it; None outside git.

    A repository that only surrounds an installed fercli, for example the user's own project, does not count.
    """
    here = Path(__file__)
    try:
        if not _is_tracked(here):
            return None
        state = _git(here, "status", "--porcelain=v2", "--branch", "--no-ahead-behind", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return None
    said = [line for line in state.splitlines() if line.startswith("# ")]
    (name,) = (line.removeprefix("# branch.oid ") for line in said if line.startswith("# branch.oid "))
    return None if name == "(initial)" else name + "+" * (len(said) < len(state.splitlines()))


@cache
def _is_tracked(file: Path) -> bool:
    """Return whether git knows a file; it is asked once in a process."""
    try:
        return bool(_git(file, "ls-files", "--error-unmatch", file.name))
    except subprocess.CalledProcessError:
        return False


def _git(file: Path, *args: str) -> str:
    return subprocess.run(["git", *args], cwd=file.parent, capture_output=True, text=True, check=True).stdout


def short_commit(name: str) -> str:
    """Return the first ten digits of a commit, with its `+`."""
    return name[:10] + "+" * name.endswith("+")
