import sys

import pytest

from fercli.cli.printing import print_json, print_text

HOSTILE = "name\x1b[2J\u202e\n"


@pytest.mark.parametrize(("terminal", "shown"), [(True, r"name\x1b[2J\u202e"), (False, "name\x1b[2J\u202e")])
def test_text_for_scripts_does_not_control_a_terminal(monkeypatch, capsys, terminal, shown):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    print_text(HOSTILE)
    assert capsys.readouterr().out == f"{shown}\n"


def test_json_on_a_terminal_has_no_marks_that_turn_the_line(monkeypatch, capsys):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    print_json({"name": HOSTILE})
    assert "\u202e" not in capsys.readouterr().out
