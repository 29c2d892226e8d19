"""What a user asks of a study, and the stores that it needs."""

from dataclasses import dataclass
from pathlib import Path

from fercli.datasets.store import Store
from fercli.errors import DataError


@dataclass(frozen=True, slots=True)
class Request:
    """What a user asks of a study.

    Attributes:
        store: the prepared data set; None for `stores/<data>`.
        seeds: None for those of the study.
        data: None for the data set of the study.
        overrides: applied to every cell.
        config_dirs: folders with yaml files of the user.
    """

    runs: Path = Path("runs")
    stores: Path = Path("stores")
    store: Path | None = None
    seeds: tuple[int, ...] | None = None
    data: str | None = None
    budget: str = "full"
    overrides: tuple[str, ...] = ()
    config_dirs: tuple[Path, ...] = ()


def prepared(request: Request, data: str) -> Store:
    """Return the store of a data set.

    Raises:
        DataError: it is not prepared where it was expected.
    """
    path = request.store or request.stores / data
    if not is_prepared(path):
        raw = "" if data.startswith("synthetic") else " raw=<folder, zip or file>"
        raise DataError(
            f"expected '{data}' prepared in {path}; found none: fercli preprocess data={data}{raw} store={path}\n"
            "Or say where it lies with store=<folder>, or run the study on other data with --data <name>."
        )
    return Store(path)


def is_prepared(path: Path) -> bool:
    """Whether a store lies in the folder, even an unfinished one."""
    return (path / "dataset.json").is_file() or (path / "shards").is_dir()
