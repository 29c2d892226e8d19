import copy
import json
import multiprocessing
from pathlib import Path

import pytest

from fercli.errors import RunError
from fercli.runs.folder import RunFolder, write_json
from fercli.runs.identity import num_processes, run_id

CONFIG = {
    "seed": 0,
    "store": "stores/ferplus",
    "runs": "runs",
    "choices": {"method": "dda", "data": "ferplus", "backbone": "resnet18"},
    "sizes": {"num_classes": 8},
    "logger": {"_target_": "x"},
    "data": {"name": "ferplus", "protocol": {"dataset": "FER+"}},
    "optimizer": {"lr": 0.01},
    "metrics": {
        "accuracy": {"_target_": "y", "label": "accuracy", "higher_is_better": True},
        "mae": {"label": "MAE", "higher_is_better": False, "reads": ["score"]},
    },
    "trainer": {"max_epochs": 15, "devices": 1, "num_nodes": 1, "num_workers": 0, "accelerator": "auto"},
}


def changed(key, value):
    """The configuration with one value replaced; the key with dots."""
    config = copy.deepcopy(CONFIG)
    *parents, last = key.split(".")
    node = config
    for parent in parents:
        node = node[parent]
    node[last] = value
    return config


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("seed", 7),
        ("store", "elsewhere"),
        ("runs", "elsewhere"),
        ("logger", None),
        ("data.protocol.dataset", "FERPlus"),
        ("sizes.num_classes", 7),
        ("metrics.mae.label", "mean absolute error"),
        ("metrics.mae.decimals", 1),
        ("metrics.mae.names_rare", True),
        ("trainer.devices", 4),
        ("trainer.num_workers", 8),
        ("trainer.accelerator", "gpu"),
        ("trainer.global_batch", True),
    ],
)
def test_seeds_places_hardware_and_descriptions_are_the_same_experiment(key, value):
    assert run_id(changed(key, value), "f1") == run_id(CONFIG, "f1")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("optimizer.lr", 0.02),
        ("metrics.mae.higher_is_better", True),  # it chooses another epoch
        ("metrics.mae.reads", ["valence"]),
        ("data.name", "fer2013"),
        ("trainer.max_epochs", 16),
        ("trainer.global_batch", False),
        ("new", 1),
    ],
)
def test_anything_else_is_another_experiment(key, value):
    assert run_id(changed(key, value), "f1") != run_id(CONFIG, "f1")


def test_a_run_without_noise_has_the_id_that_it_had_before_there_was_noise():
    noise = {"_target_": "x", "file": "mine.csv"}
    assert run_id(changed("noise", None), "f1") == run_id(CONFIG, "f1")
    assert run_id(changed("noise", noise), "f1") != run_id(CONFIG, "f1")
    assert run_id(changed("noise", noise), "f1") == run_id(changed("noise", noise | {"file": "again.csv"}), "f1")


def test_the_number_of_processes_counts_where_each_has_losses_of_its_own():
    def of(devices, num_nodes=1, global_batch=False):
        trainer = {"devices": devices, "num_nodes": num_nodes, "global_batch": global_batch}
        return run_id(changed("trainer", CONFIG["trainer"] | trainer), "f1")

    assert len({of(1), of(2), of(4), of(1, global_batch=True)}) == 4
    assert of(4) == of(2, num_nodes=2) == of([0, 1, 2, 3])
    assert of(4, global_batch=True) == of(1, global_batch=True) == run_id(CONFIG, "f1")
    assert of(1) == run_id(changed("trainer.global_batch", False), "f1")  # as before there were others


def test_the_number_of_processes():
    options = [(1, 1), (4, 2), ([0, 3], 1), ("auto", 1), (-1, 1)]
    found = [num_processes({"devices": devices, "num_nodes": nodes}) for devices, nodes in options]
    assert found == [1, 8, 2, None, None]


def test_other_data_is_another_experiment():
    assert run_id(CONFIG, "f1") != run_id(CONFIG, "f2")


def test_the_order_of_keys_means_nothing():
    assert run_id(dict(reversed(CONFIG.items())), "f1") == run_id(CONFIG, "f1")


def test_a_run_lies_under_what_it_is(tmp_path):
    run = RunFolder.of(tmp_path, CONFIG, "f1")
    assert run.path == tmp_path / f"dda_ferplus_resnet18_{run_id(CONFIG, 'f1')}" / "seed0"
    assert run.run_id == run_id(CONFIG, "f1")
    nested = RunFolder.of(tmp_path, changed("choices.method", "own/dda"), "f1")
    assert nested.path.parent.name.startswith("own-dda_ferplus_")
    named = RunFolder.of(tmp_path, changed("data.name", "mine"), "f1")  # data=folder data.name=mine
    assert named.path.parent.name.startswith("dda_mine_resnet18_")


def test_metrics_json_means_finished(tmp_path):
    run = RunFolder(tmp_path)
    assert not run.finished
    write_json(run.metrics, {})
    assert run.finished


def test_a_folder_that_is_no_run_names_the_runs_within(tmp_path):
    (tmp_path / "seed3").mkdir()
    (tmp_path / "seed3" / "config.yaml").touch()
    assert RunFolder.existing(tmp_path / "seed3").path == tmp_path / "seed3"
    with pytest.raises(RunError, match=r"expected a run folder with a config.yaml .*; it holds the runs .*seed3"):
        RunFolder.existing(tmp_path)
    with pytest.raises(RunError, match=r"found none$"):
        RunFolder.existing(tmp_path / "nowhere")


def hold(path, held, leave):
    with RunFolder(Path(path)).lock():
        held.set()
        leave.wait()


def test_another_process_holds_the_folder_until_it_ends(tmp_path):
    context = multiprocessing.get_context("fork")
    held, leave = context.Event(), context.Event()
    process = context.Process(target=hold, args=(tmp_path, held, leave), daemon=True)
    process.start()
    assert held.wait(60)
    with pytest.raises(RunError, match="another process is training"), RunFolder(tmp_path).lock():
        pass
    process.kill()  # no goodbye: the lock must go with the process
    process.join()
    with RunFolder(tmp_path).lock():
        pass


def test_json_is_written_whole(tmp_path):
    path = tmp_path / "metrics.json"
    write_json(path, {"a": 1})
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})
    assert json.loads(path.read_text()) == {"a": 1}
    write_json(path, {"a": 2})
    assert json.loads(path.read_text()) == {"a": 2}
    assert [file.name for file in tmp_path.iterdir()] == ["metrics.json"]
