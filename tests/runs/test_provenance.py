import json
import platform
import re
import subprocess
import sys

import torch

from fercli.runs import provenance as module
from fercli.runs.provenance import PACKAGES, commit, hardware_in_words, provenance, read_provenance


def test_facts_of_this_process(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/somewhere/bin/fercli", "train", "method=dda"])
    facts = provenance({"name": "ferplus", "fingerprint": "f1"})
    assert facts["command"] == "fercli train method=dda"
    assert facts["data"] == {"name": "ferplus", "fingerprint": "f1"}
    assert facts["versions"]["python"] == platform.python_version()
    assert torch.__version__.startswith(facts["versions"]["torch"])  # a build may add +cpu
    assert set(facts["versions"]) == {"python", *PACKAGES}
    assert facts["hardware"]["cores"] >= 1
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
    git(tmp_path, "add", "code.py")
    git(tmp_path, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-m", "first")
    (tmp_path / "notes.txt").write_text("git does not know me")
    clean = commit()
    assert re.fullmatch("[0-9a-f]{40}", clean)
    assert clean == git(tmp_path, "rev-parse", "HEAD")
    (tmp_path / "code.py").write_text("2")
    assert commit() == clean + "+"


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
    cores = {"cores": 2, "machine": "x86_64", "gpus": []}
    assert hardware_in_words({"hardware": cores}) == "2 cores (x86_64)"
    assert hardware_in_words({"hardware": cores | {"gpus": ["H200", "H200"]}}) == "H200, H200"
    assert hardware_in_words({}) == ""
