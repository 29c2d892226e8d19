import json

from fercli.doctor import machine
from fercli.doctor.finding import Finding


def test_a_sound_machine(shell):
    outcome = shell("doctor")
    assert outcome.status == 0
    assert outcome.out.startswith("ok     fercli ")
    assert outcome.out.endswith("nothing is wrong\n")


def test_what_is_wrong_is_counted_and_is_the_exit_status(shell, monkeypatch):
    monkeypatch.setattr(machine, "gpus", lambda: [Finding("GPU", "wrong", "no \x1b[2J driver", "install one")])
    outcome = shell("doctor")
    assert outcome.status == 1
    assert "wrong  GPU              no \\x1b[2J driver\n                        to do: install one\n" in outcome.out
    assert "1 of " in outcome.out.splitlines()[-1]
    found = json.loads(shell("doctor", "--json").out)
    assert found["wrong"] == 1
    assert {"subject": "GPU", "state": "wrong", "text": "no \x1b[2J driver", "remedy": "install one"} in found[
        "findings"
    ]
