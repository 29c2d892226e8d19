import shlex
import subprocess
from pathlib import Path

import pytest

from fercli.launch.script import Script
from fercli.launch.slurm import Slurm
from fercli.process import python

WORDS = ["data=mnist", "raw=raw", "store=stores/mnist"]


@pytest.fixture
def store(tmp_path):
    return tmp_path / "stores" / "mnist"


def lines_of(path):
    return path.read_text().splitlines()


def written(words, store, num_parts):
    """The files that a launcher of four cores writes."""
    found = Script(cpus_per_process=4).hand_over_store(words, store, num_parts, check=lambda: None)
    return Path(found.parts), Path(found.last)


def test_parts_are_an_array_and_the_last_job_waits_for_them(store, program, tmp_path):
    program("srun", "")
    program("sbatch", f'n=$(ls {tmp_path}/asked* | wc -l); cp "$1" {tmp_path}/asked$n; echo "Submitted batch job 4$n"')
    jobs = Slurm(nodes=2, gpus_per_node=4).hand_over_store(WORDS, store, 3, check=lambda: None)
    assert (jobs.parts, jobs.last) == ("40", "41")
    parts, last = lines_of(tmp_path / "asked0"), lines_of(tmp_path / "asked1")
    assert {"#SBATCH --array=0-2%3", "#SBATCH --nodes=1", "#SBATCH --ntasks-per-node=1"} <= set(parts)
    assert "#SBATCH --dependency=afterany:40" in last
    assert not any("gpus" in line for line in [*parts, *last])


def test_files_hold_a_command_for_each_part_and_the_last(store):
    parts, last = written(WORDS, store, num_parts=2)
    start = shlex.join(python("-u", "-m"))
    shared = f"arguments=({start} fercli preprocess data=mnist raw=raw store=stores/mnist num_workers=4"
    assert [line.strip() for line in lines_of(parts) if "arguments=(" in line] == [
        f"{shared} --shards 1/2) ;;",
        f"{shared} --shards 2/2) ;;",
    ]
    assert f"    {shared}) ;;" in lines_of(last)
    assert all(subprocess.run(["bash", "-n", path]).returncode == 0 for path in (parts, last))


def test_workers_that_the_user_asked_for_stay(store):
    parts, _ = written([*WORDS, "num_workers=1"], store, num_parts=1)
    assert "num_workers=4" not in parts.read_text()
