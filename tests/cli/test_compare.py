import json
import re
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer
from typer.testing import CliRunner

from fercli.cli.compare import compare
from fercli.errors import ConfigError


@pytest.fixture
def fercli(tmp_path, monkeypatch):
    """Call `compare` with these arguments in an empty folder."""
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    app.command()(compare)
    return lambda *arguments: CliRunner().invoke(app, arguments)


def test_a_table_is_printed(fercli):
    result = fercli("data=ferplus")
    assert result.exit_code == 0
    assert "QCS" in result.stdout
    assert "84.20 ± 0.50 (10)" in result.stdout


PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "compare.md"


def test_the_example_of_the_book_is_what_the_command_prints(fercli, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    _, _, begun = PAGE.read_text().partition("$ fercli compare data=ferplus\n")
    example = begun.partition("```")[0]
    printed = "".join(line.rstrip() + "\n" for line in fercli("data=ferplus").stdout.splitlines())
    assert len(example) > 500
    assert example == printed


def test_help_names_the_options_which_are_not_those_of_hydra(fercli):
    printed = " ".join(fercli("--help").stdout.split())
    assert "metric=<name>" in printed
    assert "Hydra" not in printed


@pytest.mark.parametrize(
    "words", [["data=ferplus"], ["data=rafdb"], ["data=affectnet"], ["data=avec2014", "metric=mae"], ["data=caer"]]
)
def test_in_80_columns_a_row_takes_one_line_and_in_120_it_tells_more(fercli, monkeypatch, words):
    rows = sum(len(block["rows"]) for block in json.loads(fercli(*words, "--format", "json").stdout)["blocks"])
    for width, told in (("80", False), ("120", True)):
        monkeypatch.setenv("COLUMNS", width)
        lines = fercli(*words).stdout.splitlines()
        assert max(map(len, lines)) <= int(width)
        table = lines[: next(i for i, line in enumerate(lines) if re.match(r"a  |The title of a block", line))]
        numbered = [line for line in table if re.search(r"  (\d+\.\d\d|\N{EN DASH})", line)]
        assert len(numbered) == rows or told
        assert any(re.match(r"method +from", line) for line in table) == told


def test_one_row_is_explained_in_words_and_as_json(fercli):
    assert "printed in dda-dacl.csv, Table 4.1: 84.13" in fercli("data=rafdb", "--explain", "DLP-CNN").stdout
    document = json.loads(fercli("data=rafdb", "--explain", "DLP-CNN", "--format", "json").stdout)
    assert document["published"][0]["value"] == 84.13


def test_json_is_read_by_a_script(fercli, tmp_path, write_run):
    write_run(tmp_path / "mine")
    blocks = json.loads(fercli("data=ferplus", "runs=mine", "--format", "json").stdout)["blocks"]
    (row,) = next(block["rows"] for block in blocks if block["title"].startswith("our runs"))
    assert row["cells"]["accuracy"]["value"] == pytest.approx(80)


def test_a_file_is_written_instead(fercli, tmp_path):
    result = fercli("data=rafdb", "metric=mean_class_accuracy", "--format", "latex", "--output", "tables/rafdb.tex")
    assert result.stdout == ""
    assert r"\toprule" in (tmp_path / "tables" / "rafdb.tex").read_text()


def test_numbers_can_be_chosen_by_year_rank_and_kind(fercli):
    printed = fercli("data=rafdb", "--since", "2024", "--top", "1", "--include", "frontier").stdout
    assert "ResEmoteNet" in printed
    assert not {"DDAMFN", "DDAMFN++", "DACL", "SCN"} & {line.partition("  ")[0] for line in printed.splitlines()}


@pytest.mark.parametrize("name", ["years/rafdb.png", "rafdb.svg"])
def test_a_picture_is_written_beside_the_table(fercli, tmp_path, name):
    assert "ResEmoteNet" in fercli("data=rafdb", "--figure", name).stdout
    assert (tmp_path / name).read_bytes()[:5] in (b"\x89PNG\r", b"<?xml")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["data=ferplus", "--figure", "years.jpg"], "expected --figure to end in .png or .svg; found 'years.jpg'"),
        (["data=rafdb", "--explain", "DAN", "--format", "csv"], "expected --format terminal or json with --explain"),
        (["data=rafdb", "--explain", "DAN", "--top", "3"], "expected no --top with --explain, which prints one row"),
        (["data=rafdb", "--explain", "DAM"], "no row named 'DAM' in RAF-DB: accuracy"),
        (
            ["data=ferplus", "--include", "all"],
            "no kind of numbers named 'all'; choices: frontier, measured, published",
        ),
        ([], "no value for data; add data=<...>"),
        (["ferplus"], "cannot read 'ferplus'; expected key=value"),
        (["data="], "cannot read 'data='; expected key=value"),
        (["data=ferplus", "metrics=accuracy"], r"no option named 'metrics' in compare; .*did you mean 'metric'\?"),
    ],
)
def test_a_wrong_option_is_refused(fercli, arguments, message):
    error = fercli(*arguments).exception
    assert isinstance(error, ConfigError)
    with pytest.raises(ConfigError, match=message):
        raise error


def test_a_folder_of_runs_that_does_not_exist_is_named(refused):
    assert refused("compare", "data=ferplus", "runs=/nowhere") == "expected a folder with runs in /nowhere; found none"


def test_an_explained_row_says_what_was_changed_by_hand_or_copied(shell, run_path, tmp_path):
    """A wrong number must not hide behind its origin: every file of the runs behind a row is checked."""
    run = shutil.copytree(run_path, tmp_path / "runs" / Path(run_path).parent.name / "seed0")
    method, data = (json.loads((run / "metrics.json").read_text())[key] for key in ("method", "data"))
    words = ("compare", f"data={data['name']}", f"runs={tmp_path / 'runs'}", "--explain", method)
    sound = shell(*words).out
    assert "WARNING" not in sound
    assert "left out" not in sound
    predictions = run / "predictions.parquet"
    table = pq.read_table(predictions)
    wrong = pa.array([1.0] * len(table), table.schema.field("prob_0").type)
    pq.write_table(table.set_column(table.column_names.index("prob_0"), "prob_0", wrong), predictions)
    assert f"WARNING      {predictions}: changed: it can be read, but is not what was written" in shell(*words).out
    (found,) = json.loads(shell(*words, "--format", "json").out)["measured"]
    assert [doubt.partition(": ")[0] for doubt in found["doubts"]] == [str(predictions)]
    copy = shutil.copytree(run, tmp_path / "runs" / "z" / "seed0")
    assert f"{copy}: a second copy of a run: same run and seed as {run}" in shell(*words).out
    edited = (copy / "metrics.json").read_text().replace('"seed"', ' "seed"')
    (copy / "metrics.json").write_text(edited)
    assert f"{copy}: damaged or changed: " in shell(*words).out
