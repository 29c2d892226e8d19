from fercli.tables.markdown import to_markdown
from fercli.tables.table import Block, Cell, Column, Row, Table


def test_characters_that_mean_something_in_markdown_are_escaped():
    text = to_markdown(Table("t", [Column("a", "a|b")], [Block("", [Row("x_y*z | <b>", {"a": Cell(text="`c`\nd")})])]))
    assert r"| method | a\|b |" in text
    assert r"| x\_y\*z \| \<b\> | \`c\` d |" in text


def test_every_line_has_the_same_number_of_cells(table):
    lines = [line for line in to_markdown(table).splitlines() if line.startswith("|")]
    assert {line.count("|") for line in lines} == {7}
