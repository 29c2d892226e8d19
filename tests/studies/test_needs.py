import pytest

from fercli.datasets.shards import write_shard
from fercli.errors import ConfigError
from fercli.studies.aggregate import read_results
from fercli.studies.grid import plan
from fercli.studies.study import load_study, study_from
from fercli.studies.tables import study_table
from tests.stores import describe, listed


@pytest.fixture
def store_of(request_for, tmp_path):
    """A request on RAF-DB whose training row and test row have these ages."""

    def write(train, test):
        request = request_for("rafdb")
        folder = tmp_path / "stores" / "rafdb"
        (folder / "shards").mkdir()
        rows = [{"id": split, "split": split, "age": age} for split, age in (("train", train), ("test", test))]
        shard = write_shard(folder / "shards", 0, rows, [])
        describe(folder, shards=listed([shard]))
        return request

    return write


def test_a_row_runs_where_training_rows_carry_what_it_needs(small, store_of):
    small["rows"][1]["needs"] = "age"
    planned = plan(study_from("small", small), store_of(train=31.0, test=None))
    assert [row.label for row in planned.study.trained] == ["center", "DDA"]
    assert len(planned.cells) == 6


def test_a_row_that_the_data_cannot_run_stands_in_the_table_with_the_reason(small, store_of, finish):
    small["rows"][1]["needs"] = "age"
    planned = plan(study_from("small", small), store_of(train=None, test=31.0))
    assert {cell.label for cell in planned.cells} == {"center"}
    assert planned.study.claims == ()  # the one is about DDA
    finish(planned.cells[0])
    table = study_table(read_results(planned))
    titles = ["", "printed by the source, not run", "quoted by the source from other papers"]
    assert [block.title for block in table.blocks] == titles
    (row,) = table.blocks[1].rows
    assert (row.label, row.cells["accuracy"].published, row.cells["accuracy"].value) == ("DDA", 86.90, None)
    assert row.notes[0].startswith("not run: it needs age, which no training row of")


def test_a_column_that_no_store_has_is_refused(small):
    small["rows"][1]["needs"] = "agee"
    with pytest.raises(ConfigError, match=r"row 'DDA' needs the column 'agee'; .*did you mean 'age'"):
        study_from("small", small)


def test_the_age_sampler_of_affectnet_is_such_a_row():
    (row,) = [row for row in load_study("emotion_gcn/table_5_2").rows if "sampler=age" in (row.overrides or ())]
    assert row.needs == "age"
