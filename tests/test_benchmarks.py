"""Every benchmark runs at its smallest size and says its numbers, and the measurements name commands that exist."""

import json
import math
import os
import pickle
import re
from importlib import import_module
from pathlib import Path

import cv2
import pytest
import torch
from threadpoolctl import threadpool_limits

from benchmarks import measure
from benchmarks.aggregate_scale import Aggregated, expect_all_read
from fercli.datasets.synthetic.faces import faces

pytestmark = pytest.mark.slow

FOLDER = Path(measure.__file__).parent
SCRIPTS = sorted({path.stem for path in FOLDER.glob("*.py")} - {"__init__", "measure"})
PACKAGES = sorted(path.parent.name for path in FOLDER.glob("*/__main__.py"))  # tests of their own run them
SHARED = {"--repeats", "--threads", "--json"}
# The options of each benchmark with which it runs in a second or two.
SMALLEST = {
    "aggregate_scale": "--sizes 10 --cells 4 --rows 2",
    "clip_cost": "--backbones r3d18 --losses histogram --nodes 11 --frames 2 --size 32",
    "dlga_cost": "--variants ga_cnn",
    "evaluation_scale": "--sizes 100 --resamples 5 --dim 2",
    "followed_faces": "--video face.png --every 2",
    "gap_size": "--worlds alike_10_10",
    "gpu": "--device cpu --parts input,evaluation,detector,losses --sizes 32 --batch 2 --rows 4 --detected 1",
    "graph_memory": "--side 4 --dim 8 --batch 2 --max-entries 64",
    "input_rate": "--sizes 32 --augments none,six --images 2",
    "interval_coverage": "--people 10 --rows 40 --population 500 --folds 5_folds",
    "loss_cost": "--size 32 --batch 8 --losses center --heads attentive",
    "mtcnn": "--images face.png --limit 1",
    "people": "--people 2 --frames 6",
    "step_rate": "--sizes 32 --batch 4 --steps 1",
    "svm_cost": "--rows 200 --width 8 --landmarks 20",
    "twin_recall": "--faces 20 --copies 4 --scale 30",
    "verdict_rates": "--samples 242 --seeds 3 --test-sets 1",
}


def run(name, *arguments):
    import_module(f"benchmarks.{name}").main([*SMALLEST[name].split(), "--repeats", "1", *arguments])


def here(function, *arguments):
    """Call what goes to a new process and comes back from one, in this process: there, the imports take long."""
    function, arguments = pickle.loads(pickle.dumps((function, arguments)))
    return pickle.loads(pickle.dumps(function(*arguments)))


@pytest.fixture
def quick(tmp_path, monkeypatch):
    """A place with an image of a face, where processes are not new; threads are given back."""
    drawn = next(iter(faces(1, seed=1, size=128)))
    cv2.imwrite(str(tmp_path / "face.png"), drawn.image[..., ::-1])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(measure, "apart", here)
    for name in measure.POOLS:
        monkeypatch.setenv(name, os.environ.get(name, "1"))
    before = torch.get_num_threads(), cv2.getNumThreads()
    with threadpool_limits():
        yield
    torch.set_num_threads(before[0])
    cv2.setNumThreads(before[1])


@pytest.mark.parametrize("name", SCRIPTS)
def test_each_runs_at_its_smallest_size(name, quick, capsys):
    run(name, "--json")
    document = json.loads(capsys.readouterr().out)
    assert document["machine"].keys() == {"cpu", "threads", "torch"}
    assert (document["machine"]["threads"], document["options"]["repeats"]) == (1, 1)
    assert document["tables"]
    for table in document["tables"]:
        assert table["rows"], table["title"]
        for row in table["rows"]:
            found = [value for value in row.values() if isinstance(value, int | float)]
            assert found, row
            assert all(map(math.isfinite, found)), row


def test_none_is_listed_that_is_gone():
    assert set(SMALLEST) == set(SCRIPTS)


def test_without_json_the_same_rows_are_a_table(quick, capsys):
    run("graph_memory", "--json")
    (_, table) = json.loads(capsys.readouterr().out)["tables"]
    run("graph_memory")
    lines = capsys.readouterr().out.splitlines()
    assert "threads: 1" in lines[0]
    title = lines.index(f"**{table['title']}**")
    assert lines[title + 2] == f"| {' | '.join(table['rows'][0])} |"
    assert [line.split(" | ")[0] for line in lines[title + 4 :]] == [f"| {row['scheme']}" for row in table["rows"]]


def help_of(name, capsys):
    module = f"benchmarks.{name}" if name in SCRIPTS else f"benchmarks.{name}.__main__"
    with pytest.raises(SystemExit, match="0"):
        import_module(module).main(["--help"])
    return capsys.readouterr().out


@pytest.mark.parametrize("name", [*SCRIPTS, *PACKAGES])
def test_each_command_in_the_measurements_has_the_options_it_is_given(name, capsys):
    text = (FOLDER / "README.md").read_text()
    commands = re.findall(rf"python -m benchmarks\.{name}\b([^`]*)`", text)
    assert commands, f"no command of {name} in benchmarks/README.md"
    known = set(re.findall(r"--[\w-]+", help_of(name, capsys)))
    assert set(re.findall(r"--[\w-]+", " ".join(commands))) | SHARED <= known


def test_no_measurement_runs_a_benchmark_as_a_file():
    texts = [FOLDER / "README.md", *FOLDER.glob("*.py")]
    assert [path.name for path in texts if "python benchmarks/" in path.read_text()] == []


@pytest.mark.parametrize("given", ["0", "-1", "1.5", "many"])
def test_a_number_of_repeats_below_one_is_refused(given, capsys):
    with pytest.raises(SystemExit, match="2"):
        measure.parser_of("benchmarks.x", "", 3, "rounds").parse_args([f"--repeats={given}"])
    assert f"expected a whole number, at least 1; found '{given}'" in capsys.readouterr().err


def test_a_call_apart_has_a_process_of_its_own():
    assert measure.apart(os.getpid) != os.getpid()


def test_calls_take_turns_and_the_first_rounds_are_not_counted():
    called = []
    rounds = measure.take_turns({name: lambda name=name: called.append(name) for name in "ab"}, 20)
    assert len(rounds) == 20
    assert "".join(called) == "ab" * 22


def test_the_middle_of_each_clock_is_taken():
    times = [measure.Took(wall, cpu) for wall, cpu in ((1.0, 0.3), (2.0, 0.1), (9.0, 0.2))]
    assert measure.middle(times) == measure.Took(2.0, 0.2)


def test_runs_that_were_not_read_are_no_measurement():
    took = measure.Took(0.0, 0.0)
    expect_all_read(Aggregated(took, took, 0.0, 64, 2, {"stopped": 1, "failed": 1}), 10)
    with pytest.raises(SystemExit, match="expected 64 rows"):
        expect_all_read(Aggregated(took, took, 0.0, 0, 0, {"damaged or changed": 10}), 10)
