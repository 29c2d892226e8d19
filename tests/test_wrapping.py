import io
import shlex

import pytest

from fercli.wrapping import width_of, wrapped

PROSE = "train, validation and test have rows of the same people, so that a network may know a face again"
TEXTS = [
    PROSE,
    f"rows        {PROSE}",
    f"  a label that is much too wide for words beside it, of forty columns  {PROSE}",
    f"run  softmax loss  seed 0  runs/{'x' * 90}/seed0",
    f"error: {PROSE}\n\nwhat to do:  {PROSE}",
    "Ein Zeichen ist zwei Spalten breit: " + "\u5bfe " * 40,
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("width", [40, 80, 120])
def test_every_word_stays_whole_and_only_longer_words_pass_the_edge(text, width):
    from rich.cells import cell_len

    shown = wrapped(text, width)
    assert shown.split() == text.split()
    for line in shown.split("\n"):
        assert cell_len(line) <= width or len(line.split()) == 1


def test_words_stay_beside_their_label():
    lines = wrapped(f"rows        {PROSE}", 60).split("\n")
    assert len(lines) > 1
    assert all(line.startswith(" " * 12) and line[12] != " " for line in lines[1:])


@pytest.mark.parametrize(
    "label", ["", "  ", "  repeat    ", "a label as wide as no command has one, of fifty columns  "]
)
def test_a_shell_takes_a_broken_command_as_it_was(label):
    command = "fercli train 'scale.bands={minimal: 0, mild: 5, moderate: 10}' store=stores/faces augment.size=48 seed=0"
    lines = wrapped(label + command, 60).split("\n")
    assert all(line.endswith(" \\") for line in lines[:-1])
    assert shlex.split("\n".join(lines)[len(label) :].replace("\\\n", "")) == shlex.split(command)  # as a shell


@pytest.mark.parametrize("width", [0, 5])
def test_without_a_width_lines_stay_as_they_are(width):
    assert wrapped(PROSE, width) == PROSE


def test_a_pipe_has_no_width(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert width_of(io.StringIO()) == 0
    monkeypatch.setattr(terminal := io.StringIO(), "isatty", lambda: True, raising=False)
    assert width_of(terminal) == 80
    monkeypatch.delenv("COLUMNS")
    assert width_of(terminal) == 0
