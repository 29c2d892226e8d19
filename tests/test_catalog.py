import pytest

from fercli import catalog
from fercli.catalog import choices, describe, groups, top_level_keys


@pytest.fixture
def conf(tmp_path, monkeypatch):
    """A conf folder of our own."""
    (tmp_path / "loss" / "metric").mkdir(parents=True)
    (tmp_path / "loss" / "focal.yaml").write_text("# Focal loss\n# more of it\nfocal: {}\n")
    (tmp_path / "loss" / "metric" / "center.yaml").write_text("# @package _global_\n# Center loss\n")
    (tmp_path / "loss" / "bare.yaml").write_text("bare: {}  # not at the head\n")
    (tmp_path / "loss" / "notes.txt").write_text("no yaml")
    (tmp_path / "train.yaml").write_text(
        "defaults:\n  - _self_\n  - loss: [focal]\n  - optional graph_sampling: full\n"
    )
    monkeypatch.setattr(catalog, "CONF", tmp_path)


@pytest.mark.usefixtures("conf")
def test_choices_are_the_yaml_files_with_their_folders():
    assert choices("loss") == ["bare", "focal", "metric/center"]
    assert choices("no_group") == []


@pytest.mark.usefixtures("conf")
def test_the_first_comment_describes_a_choice():
    assert describe("loss") == {"bare": "", "focal": "Focal loss", "metric/center": "Center loss"}


@pytest.mark.usefixtures("conf")
def test_groups_are_read_from_the_defaults():
    assert groups("train") == ["loss", "graph_sampling"]


def test_the_packaged_conf_is_found():
    assert {"softmax", "center", "dda"} <= set(choices("method"))
    assert "dda_dacl/table_3_1" in choices("study")


def test_options_of_a_root():
    assert top_level_keys("compare") == ["data", "metric", "runs"]
    assert {"store", "runs", "seed", "num_train_rows"} <= set(top_level_keys("train"))
