"""What commands may expect of any launcher that a yaml file names."""

import pytest

from fercli.catalog import choices
from fercli.config import compose, instantiate
from fercli.errors import ConfigError

LAUNCHERS = sorted(choices("launcher"))
# What a report is told. A launcher of a new kind adds a line.
EXPECTED = {"local": ["begun", "ran"], "slurm": ["submitted"]} | {
    name: ["written"] for name in ("script", "pbs", "lsf")
}


class Told:
    """A report that keeps the names of what it is told."""

    def __init__(self):
        self.names = []

    def __getattr__(self, name):
        return lambda *content: self.names.append(name)


@pytest.fixture
def launcher(request):
    return instantiate(compose("ablate", [f"launcher={request.param}"]).launcher)


@pytest.mark.parametrize(("launcher", "name"), [(name, name) for name in LAUNCHERS], indirect=["launcher"])
def test_a_study_without_missing_cells_is_reported_in_one_way(launcher, name, small_plan, finish):
    for cell in small_plan.missing:
        finish(cell)
    told = Told()
    launcher.run_cells(small_plan, None, told)
    assert told.names == EXPECTED[name]


@pytest.mark.parametrize("launcher", LAUNCHERS, indirect=True)
def test_wrong_options_are_told_before_a_store_is_handed_over(launcher, tmp_path, program):
    """A launcher that runs the work on this machine leaves the check to the work."""
    program("srun", "")
    program("sbatch", f"touch {tmp_path}/submitted; echo Submitted batch job 4")

    def check():
        raise ConfigError("wrong option")

    store = tmp_path / "store"
    if launcher.hand_over_store([], store, 2, check=lambda: None) is None:
        assert launcher.hand_over_store([], store, 2, check) is None
    else:
        handed_over = {path for path in tmp_path.rglob("*") if path.is_file()}
        assert handed_over
        with pytest.raises(ConfigError, match="wrong option"):
            launcher.hand_over_store([], tmp_path / "other", 2, check)
        assert {path for path in tmp_path.rglob("*") if path.is_file()} == handed_over
