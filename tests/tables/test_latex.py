import re

from fercli.tables.latex import to_latex
from fercli.tables.table import Block, Cell, Column, Row, Table


def latex_of(label: str) -> str:
    return to_latex(Table("t", [Column("a", "a")], [Block("", [Row(label, {"a": Cell(1.0)})])]))


def test_every_special_character_is_escaped():
    assert (
        r"a\_b \& 5\% \$1 \#2 \{x\} \textasciitilde{} \textasciicircum{} \textbackslash{}end $-$2 $\pm$ 1"
        in latex_of("a_b & 5% $1 #2 {x} ~ ^ \\end \N{MINUS SIGN}2 ± 1")
    )


def test_every_line_of_the_tabular_has_as_many_cells_as_columns(table):
    text = to_latex(table)
    columns = len(re.search(r"\\begin\{tabular\}\{([lr]+)\}", text)[1])
    body = text.split(r"\toprule")[1].split(r"\bottomrule")[0]
    for line in re.findall(r"^    (.*) \\\\$", body, flags=re.MULTILINE):
        spanned = sum(int(n) - 1 for n in re.findall(r"\\multicolumn\{(\d+)\}", line))
        assert len(re.split(r"(?<!\\)&", line)) + spanned == columns, line


def test_a_table_whose_columns_do_not_open_has_one_header_line():
    assert r"    method & a \\" in latex_of("x")
    assert "cmidrule" not in latex_of("x")
