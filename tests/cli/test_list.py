import json
from pathlib import Path

import pytest

from fercli.catalog import CONF, choices
from fercli.cli.list import KINDS


def test_every_group_of_the_yaml_files_is_listed():
    assert sorted(KINDS.values()) == sorted(path.name for path in CONF.iterdir() if any(path.glob("**/*.yaml")))


def test_everything_is_listed_with_its_place(shell):
    outcome = shell("list")
    assert outcome.status == 0
    for kind, group in KINDS.items():
        assert f"{kind}  ({CONF / group}/)\n" in outcome.out
        assert all(f"  {name} " in outcome.out for name in choices(group))
    assert "  softmax " in outcome.out
    assert "Softmax loss on a linear classifier" in outcome.out


@pytest.mark.parametrize("kind", KINDS)
def test_one_kind_alone(shell, kind):
    lines = shell("list", kind).out.splitlines()
    assert lines[0].startswith(f"{kind}  (")
    assert [line.split()[0] for line in lines[1:] if line] == choices(KINDS[kind])


def test_json_says_the_same(shell):
    found = json.loads(shell("list", "--json").out)
    assert list(found) == list(KINDS)
    for kind, entries in found.items():
        assert [entry["name"] for entry in entries] == choices(KINDS[kind])
        assert all(Path(entry["yaml"]).is_file() and entry["about"] for entry in entries)
    assert list(json.loads(shell("list", "studies", "--json").out)) == ["studies"]


def test_files_of_the_user_are_listed_below(shell, tmp_path):
    (tmp_path / "loss").mkdir()
    (tmp_path / "loss" / "ours.yaml").write_text("# Our loss\n")
    lines = shell("list", "losses", "--config-dir", str(tmp_path)).out.rstrip().splitlines()
    assert lines[0] == f"losses  ({CONF / 'loss'}/)"
    assert lines[-2] == f"losses  ({tmp_path / 'loss'}/)"
    assert lines[-1].split() == ["ours", "Our", "loss"]
    entries = json.loads(shell("list", "losses", "--config-dir", str(tmp_path), "--json").out)["losses"]
    assert entries[-1] == {"name": "ours", "about": "Our loss", "yaml": str(tmp_path / "loss" / "ours.yaml")}
    assert f"({tmp_path}" not in shell("list", "methods", "--config-dir", str(tmp_path)).out


def test_a_missing_folder_of_the_user_is_refused(shell, tmp_path):
    outcome = shell("list", "--config-dir", str(tmp_path / "none"))
    assert outcome.status == 2
    assert "does not exist" in outcome.err


def test_a_kind_may_be_named_as_its_group(shell):
    assert shell("list", "graph_sampling").out == shell("list", "graph_samplings").out


def test_an_unknown_kind_names_the_nearest(refused):
    assert "'metods' to list; did you mean 'methods'?" in refused("list", "metods")
