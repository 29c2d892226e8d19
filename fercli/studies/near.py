"""The near-duplicates that the trainings of a plan keep together."""

from fercli.datasets.near_together import NearTogether, near_together
from fercli.datasets.store import Store
from fercli.studies.grid import Plan


def near_of_plan(plan: Plan) -> dict[str, NearTogether]:
    """Return them by data set, for those on which some training has `twins=near`."""
    stores = {cell.data: _last(cell.training.overrides, "store") for cell in plan.cells if _is_near(cell.overrides)}
    return {data: near_together(Store(path)) for data, path in stores.items()}


def _is_near(overrides: tuple[str, ...]) -> bool:
    return _last(overrides, "twins") == "near"


def _last(overrides: tuple[str, ...], key: str) -> str:
    """Return the value that counts: the last one that is given; empty where none is."""
    return next((word.partition("=")[2] for word in reversed(overrides) if word.startswith(f"{key}=")), "")
