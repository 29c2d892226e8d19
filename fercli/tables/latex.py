"""A table as LaTeX for a paper: booktabs rules, best value bold, second best underlined."""

import re

from fercli.tables.layout import Entry, Grid, layout
from fercli.tables.table import Table

EMPHASIS = {0: "%s", 1: r"\textbf{%s}", 2: r"\underline{%s}"}  # by rank
SPECIAL = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "{": r"\{",
        "}": r"\}",
        "[": "{[}",  # after \\ a bare bracket would be read as its option
        "]": "{]}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "±": r"$\pm$",
        "\N{MINUS SIGN}": "$-$",
        "\N{EN DASH}": "--",
        "†": r"$\dagger$",
        "→": r"$\rightarrow$",
        "\n": " ",
    }
)


def to_latex(table: Table) -> str:
    """Return a `table` environment that needs only `\\usepackage{booktabs}`; footnotes stand below the rules.

    Its label, for `\\ref`, is made of its title.
    """
    grid = layout(table)
    columns = "".join("r" if heading.align == "right" else "l" for heading in grid.headings)
    lines = [r"\begin{table}", r"  \centering", rf"  \caption{{{_escape(grid.title)}}}"]
    lines.append(rf"  \label{{tab:{_slug(grid.title)}}}")
    lines += [rf"  \begin{{tabular}}{{{columns}}}", r"    \toprule", *_header(grid)]
    for title, rows in grid.blocks:
        lines.append(r"    \midrule")
        if title:
            lines.append(rf"    \multicolumn{{{len(columns)}}}{{l}}{{\textit{{{_escape(title)}}}}} \\")
        lines += [f"    {' & '.join(map(_cell, row))} \\\\" for row in rows]
    lines += [r"    \bottomrule", r"  \end{tabular}"]
    below = [rf"\textsuperscript{{{mark}}}~{_escape(text)}" for mark, text in grid.footnotes]
    below += [_escape(note) for note in grid.notes]
    if below:
        lines += [r"  \par\smallskip\raggedright\footnotesize", "  " + " \\\\\n  ".join(below)]
    return "\n".join([*lines, r"\end{table}"]) + "\n"


def _slug(title: str) -> str:
    """Return the title as the name of a label: `Tests against center` becomes `tests-against-center`."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _header(grid: Grid) -> list[str]:
    """Return one header line if no column has several parts, else a line of labels over a line of parts."""
    labels = [heading.label for heading in grid.headings]
    if len(set(labels)) == len(labels):
        return [f"    {' & '.join(_escape(heading.text) for heading in grid.headings)} \\\\"]
    spans: list[list] = []
    for label in labels:
        if spans and spans[-1][0] == label:
            spans[-1][1] += 1
        else:
            spans.append([label, 1])
    top = [_escape(label) if n == 1 else rf"\multicolumn{{{n}}}{{c}}{{{_escape(label)}}}" for label, n in spans]
    parts = [_escape(heading.part) for heading in grid.headings]
    rules, start = [], 1
    for _, n in spans:
        rules += [rf"\cmidrule(lr){{{start}-{start + n - 1}}}"] if n > 1 else []
        start += n
    return [f"    {' & '.join(top)} \\\\", f"    {' '.join(rules)}", f"    {' & '.join(parts)} \\\\"]


def _cell(entry: Entry) -> str:
    marks = rf"\textsuperscript{{{','.join(entry.marks)}}}" if entry.marks else ""
    return EMPHASIS[entry.rank] % _escape(entry.text) + marks


def _escape(text: str) -> str:
    return text.translate(SPECIAL)
