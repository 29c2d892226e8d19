import warnings
from pathlib import Path

import pytest

import fercli
from fercli.cli.progress import quiet_libraries


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
