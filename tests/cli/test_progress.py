import warnings
from pathlib import Path

import pytest

import fercli
from fercli.cli.progress import quiet_libraries
from fercli.engine import callbacks


@pytest.fixture
def shown(monkeypatch, capsys):
    """What is shown of a warning that is raised in a file."""
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)

    def show(file):
        with warnings.catch_warnings():
            quiet_libraries()
            warnings.simplefilter("always")
            warnings.warn_explicit("2 videos are short", UserWarning, str(file), 7)
        return capsys.readouterr().err

    return show


def test_a_warning_of_fercli_is_a_note_for_its_user(shown):
    assert shown(Path(fercli.__file__).parent / "datasets" / "clips.py") == "note: 2 videos are short\n"


def test_a_warning_of_a_library_says_where_it_comes_from(shown):
    assert shown("/elsewhere/pandas/frame.py") == "/elsewhere/pandas/frame.py:7: UserWarning: 2 videos are short\n"


def test_fallen_attention_is_a_note_where_there_is_no_terminal(shell, digits_overrides, tmp_path, monkeypatch):
    monkeypatch.setattr(callbacks, "LEAST_ATTENTION", 1.0)  # so that any attention is low
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    others = [override for override in digits_overrides if not override.startswith(("method=", "loss."))]
    with warnings.catch_warnings():
        outcome = shell("train", *others, "method=dacl", "head.widths=[16,8,4]", f"runs={tmp_path}/runs")
    assert outcome.status == 0
    notes = [line for line in outcome.err.splitlines() if line.startswith("note: attention weights have fallen to 0.")]
    assert len(notes) == 1  # of two epochs
    assert notes[0].endswith("; head.normalize=mean prevents it")
