import json

import pytest

from fercli.catalog import COMMANDS, choices
from fercli.yaml_options import read


def test_all_commands_with_their_groups(shell):
    printed = shell("options").out
    assert all(f"fercli {command}  {read('', command).about}" in printed for command in COMMANDS)
    assert "backbone=resnet18" in printed
    assert "train_share" not in printed


def test_the_options_of_a_command(shell):
    printed = shell("options", "train").out
    assert "num_train_rows" in printed
    assert "folder that fercli preprocess wrote" in " ".join(printed.split())


def test_the_options_of_a_group_and_of_one_choice(shell):
    group, choice = shell("options", "loss").out, shell("options", "loss=dda").out
    assert all(f"loss={name}  " in group for name in choices("loss"))
    assert "loss.dda.loss.reduction" in choice
    assert "loss=center " not in choice
    assert len(choice) < len(group)


@pytest.mark.parametrize(("name", "where"), [("crop", "preprocess"), ("damage.x", "preprocess"), ("head.x", "head")])
def test_a_part_of_the_options_points_to_what_explains_it(refused, name, where):
    assert refused("options", name).endswith(f"see `fercli options {where}`")


def test_json_holds_key_default_and_meaning(shell):
    (choice,) = json.loads(shell("options", "trainer", "--json").out)["choices"]
    assert choice["options"][0] == {
        "key": "trainer.max_epochs",
        "default": "15",
        "comment": "null: only max_steps ends the training",
    }


def test_own_files_are_explained(shell, tmp_path):
    (tmp_path / "loss").mkdir()
    (tmp_path / "loss" / "ours.yaml").write_text("# Our loss\nours:\n  weight: 2  # lambda\n  odd: '[/b]'\n")
    printed = shell("options", "loss=ours", "--config-dir", str(tmp_path)).out
    assert [line.split() for line in printed.splitlines()[1:3]] == [
        ["loss.ours.weight", "2", "lambda"],
        ["loss.ours.odd", "'[/b]'"],
    ]


def test_unknown_names_are_refused_with_the_nearest(refused):
    assert "no command or group named 'traner'; did you mean 'trainer'?" in refused("options", "traner")
    assert "no loss named 'ddaa'; did you mean 'dda'?" in refused("options", "loss=ddaa")


def test_the_schema_is_json_and_describes_all_options(shell, refused):
    assert json.loads(shell("options", "--schema").out)["properties"]["trainer"]["additionalProperties"] is False
    assert "expected no name with --schema" in refused("options", "trainer", "--schema")
