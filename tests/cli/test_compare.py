import json

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


def test_help_names_the_options_which_are_not_those_of_hydra(fercli):
    printed = " ".join(fercli("--help").stdout.split())
    assert "metric=<name>" in printed
    assert "Hydra" not in printed


def test_the_terminal_table_fits_80_columns(fercli, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert max(map(len, fercli("data=ferplus").stdout.splitlines())) <= 80


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
    assert not {"FMAE", "DDAMFN", "[MS-CELEB-1M]"} & set(printed.split())


@pytest.mark.parametrize("name", ["years/rafdb.png", "rafdb.svg"])
def test_a_picture_is_written_beside_the_table(fercli, tmp_path, name):
    assert "ResEmoteNet" in fercli("data=rafdb", "--figure", name).stdout
    assert (tmp_path / name).read_bytes()[:5] in (b"\x89PNG\r", b"<?xml")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["data=ferplus", "--figure", "years.jpg"], "expected --figure to end in .png or .svg; found 'years.jpg'"),
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
