import json
import platform
import re
import subprocess
import sys
from datetime import datetime

import torch

from fercli.runs import provenance as module
from fercli.runs.folder import write_json
from fercli.runs.provenance import PACKAGES, add_part, commit, hardware_in_words, provenance, read_provenance


def test_facts_of_this_process(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/somewhere/bin/fercli", "train", "method=dda", "loss=[center, dda]"])
    facts = provenance({"name": "ferplus", "fingerprint": "f1"})
    assert facts["command"] == "fercli train method=dda 'loss=[center, dda]'"  # as a shell takes it
    assert datetime.fromisoformat(facts["started"]).tzinfo is not None
    assert facts["parts"] == []
    assert facts["data"] == {"name": "ferplus", "fingerprint": "f1"}
    assert facts["versions"]["python"] == platform.python_version()
    assert torch.__version__.startswith(facts["versions"]["torch"])  # a build may add +cpu
    assert set(facts["versions"]) == {"python", *PACKAGES}
    assert facts["hardware"]["cores"] >= 1
    assert facts["hardware"]["threads"] == torch.get_num_threads()
    assert facts["hardware"]["processor"]
    assert len(facts["hardware"]["gpus"]) == torch.cuda.device_count()
    assert json.loads(json.dumps(facts)) == facts


def test_a_package_that_is_not_installed_has_no_version(monkeypatch):
    monkeypatch.setattr(module, "PACKAGES", ("no-such-package",))
    assert provenance({})["versions"]["no-such-package"] is None


def git(folder, *args):
    return subprocess.run(["git", "-C", folder, *args], check=True, capture_output=True, text=True).stdout.strip()


def test_the_commit_says_whether_files_differ_from_it(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "__file__", str(tmp_path / "provenance.py"))
    git(tmp_path, "init")
    (tmp_path / "code.py").write_text("1")
    (tmp_path / "provenance.py").write_text("")
    git(tmp_path, "add", "code.py", "provenance.py")
    assert commit() is None  # there is none yet
    git(tmp_path, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-m", "first")
    (tmp_path / "notes.txt").write_text("git does not know me")
    clean = commit()
    assert re.fullmatch("[0-9a-f]{40}", clean)
    assert clean == git(tmp_path, "rev-parse", "HEAD")
    (tmp_path / "code.py").write_text("2")
    assert commit() == clean + "+"


def test_a_repository_around_an_installed_package_gives_no_commit(monkeypatch, tmp_path):
    """As where a project keeps its environment, which git ignores, within its folder."""
    installed = tmp_path / ".venv" / "site-packages" / "provenance.py"
    installed.parent.mkdir(parents=True)
    installed.write_text("")
    git(tmp_path, "init")
    (tmp_path / "paper.tex").write_text("1")
    git(tmp_path, "add", "paper.tex")
    git(tmp_path, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-m", "first")
    monkeypatch.setattr(module, "__file__", str(installed))
    assert commit() is None


def test_each_process_that_trains_is_a_part(tmp_path):
    write_json(tmp_path / "provenance.json", provenance({}))
    add_part(tmp_path, 0)
    write_json(tmp_path / "provenance.json", provenance({}, read_provenance(tmp_path)["parts"]))
    add_part(tmp_path, 120)
    origin = read_provenance(tmp_path)
    assert [part["first_step"] for part in origin["parts"]] == [0, 120]
    assert all(set(part) == {"started", "git", "hardware", "command", "first_step"} for part in origin["parts"])
    assert origin["parts"][1]["command"] == origin["command"]


def test_outside_git_there_is_no_commit(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "__file__", str(tmp_path / "provenance.py"))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert commit() is None
    monkeypatch.setenv("PATH", "")
    assert commit() is None


def test_what_was_written_is_read_back_and_nothing_where_it_is_damaged(tmp_path):
    (tmp_path / "provenance.json").write_text(json.dumps(provenance({"name": "ferplus"})))
    assert read_provenance(tmp_path)["data"] == {"name": "ferplus"}
    (tmp_path / "provenance.json").write_text("{")
    assert read_provenance(tmp_path) == read_provenance(tmp_path / "nowhere") == {}


def test_hardware_in_words():
    found = {"processor": "EPYC", "machine": "x86_64", "cores": 2, "threads": 1, "gpus": []}
    assert hardware_in_words({"hardware": found}) == "EPYC, 2 cores, threads: 1"
    assert (
        hardware_in_words({"hardware": found | {"gpus": ["H200", "H200"]}}) == "H200; H200; EPYC, 2 cores, threads: 1"
    )
    assert hardware_in_words({}) == ""
