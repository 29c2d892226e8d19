import csv
import io
import json
from pathlib import Path

import pytest

from fercli.errors import ConfigError
from fercli.tables.export import FORMATS, render
from fercli.tables.terminal import to_terminal

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("format", FORMATS)
def test_a_table_prints_as_the_golden_text(table, format):
    assert render(table, format) == (GOLDEN / f"{format}.txt").read_text()


def test_the_terminal_form_fits_80_columns(table):
    text = to_terminal(table, width=80)
    assert text == (GOLDEN / "terminal_80.txt").read_text()
    assert max(map(len, text.splitlines())) <= 80


def test_csv_and_json_hold_the_same_numbers_in_full_precision(table):
    lines = list(csv.DictReader(io.StringIO(render(table, "csv"))))
    cells = {
        (block["title"], row["label"], key): cell
        for block in json.loads(render(table, "json"))["blocks"]
        for row in block["rows"]
        for key, cell in row["cells"].items()
    }
    assert len(lines) == len(cells) == 8
    for line in lines:
        cell = cells[line["block"], line["row"], line["column"]]
        assert {name: float(line[name]) for name in ("value", "published", "sd") if line[name]} == {
            name: cell[name] for name in ("value", "published", "sd") if name in cell
        }
    assert cells["ImageNet weights", "softmax_loss", "rmse"] == {"value": 8.14}  # printed as 8.1 elsewhere


def test_an_unknown_format_is_refused_with_the_choices():
    with pytest.raises(ConfigError, match=r"no format named 'latx'; did you mean 'latex'\? choices: .*"):
        render(None, "latx")
