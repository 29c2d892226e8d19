import io

import pytest
from rich.console import Console as RichConsole

from fercli.cli.console import Console, WordTable


@pytest.mark.parametrize(
    ("name", "shown"),
    [("[/b]", "[/b]"), ("[red]x[/red]", "[red]x[/red]"), (":smile:", ":smile:"), ("\x1b[2Jx", r"\x1b[2Jx")],
)
@pytest.mark.parametrize("in_a_table", [False, True])
def test_a_name_is_shown_and_never_obeyed(capsys, name, shown, in_a_table):
    from rich.table import Table

    printed = name
    if in_a_table:
        printed = Table(name)
        printed.add_row(name)
    Console().print(printed)
    assert capsys.readouterr().out.count(shown) == (2 if in_a_table else 1)


@pytest.mark.parametrize("width", [30, 60, 80, 120])
def test_a_table_of_words_breaks_none_of_them(width):
    table = WordTable("reason", "a heading of several words", "such as", box=None)
    for number in range(3):
        table.add_row("the face is too small", f"1,234,56{number}", "a long example " * 5 + "images/0_000002.png")
    out = io.StringIO()
    RichConsole(file=out, width=width).print(table)
    said = "the face is too small 1,234,560 a heading of several words such as long example images/0_000002.png"
    assert set(said.split()) <= set(out.getvalue().split())
    assert max(map(len, out.getvalue().splitlines())) <= width


@pytest.mark.parametrize("terminal", ["0", "1"])
def test_text_breaks_between_words_in_a_terminal_and_nowhere_for_a_script(monkeypatch, capsys, terminal):
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TTY_COMPATIBLE", terminal)
    Console().print("seven words of text, " * 9)
    lines = capsys.readouterr().out.splitlines()
    assert (len(lines) > 1) == (terminal == "1")
    assert " ".join(lines).split() == ("seven words of text, " * 9).split()
