import json

from typer.testing import CliRunner

from fercli.cli.app import app
from tests.stores import write_twins


def test_the_command_prints_counts_and_writes_figure_and_ids(tmp_path):
    store = write_twins(tmp_path / "store")
    done = CliRunner().invoke(app, ["audit", str(store)], catch_exceptions=False)
    assert done.exit_code == 0
    assert "test, with a twin in train" in done.output
    assert (store / "twins.csv").is_file()
    assert (store / "figures" / "twins.png").is_file()
    chosen = ["--ids", f"{tmp_path}/ids.csv", "--figure", f"{tmp_path}/worst.svg"]
    done = CliRunner().invoke(app, ["audit", str(store), "--json", *chosen], catch_exceptions=False)
    found = json.loads(done.stdout)
    assert found["twins"][-1]["any"] == 5
    assert found["figure"] == f"{tmp_path}/worst.svg"
    assert (tmp_path / "ids.csv").is_file()
    assert (tmp_path / "worst.svg").is_file()
