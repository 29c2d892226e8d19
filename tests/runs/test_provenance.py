import json
import platform
import sys
from datetime import datetime

import torch

from fercli.runs import provenance as module
from fercli.runs.folder import write_json
from fercli.runs.provenance import PACKAGES, add_part, provenance, read_provenance


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


def test_each_process_that_trains_is_a_part(tmp_path):
    write_json(tmp_path / "provenance.json", provenance({}))
    add_part(tmp_path, 0)
    write_json(tmp_path / "provenance.json", provenance({}, read_provenance(tmp_path)["parts"]))
    add_part(tmp_path, 120)
    origin = read_provenance(tmp_path)
    assert [part["first_step"] for part in origin["parts"]] == [0, 120]
    assert all(set(part) == {"started", "git", "hardware", "command", "first_step"} for part in origin["parts"])
    assert origin["parts"][1]["command"] == origin["command"]


def test_what_was_written_is_read_back_and_nothing_where_it_is_damaged(tmp_path):
    (tmp_path / "provenance.json").write_text(json.dumps(provenance({"name": "ferplus"})))
    assert read_provenance(tmp_path)["data"] == {"name": "ferplus"}
    (tmp_path / "provenance.json").write_text("{")
    assert read_provenance(tmp_path) == read_provenance(tmp_path / "nowhere") == {}
