import pytest

from fercli.cli.console import Console


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
