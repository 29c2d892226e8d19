import pytest

from fercli.figures.across import of_study
from fercli.pages.study import printed, tables
from fercli.studies.aggregate import read_results
from fercli.studies.grid import plan
from fercli.studies.study import study_from
from fercli.tables.export import render
from tests.stores import describe
from tests.studies.test_corpora import ACROSS

ACCURACY = {
    "ferplus to ferplus": 0.9,
    "ferplus to rafdb": 0.6,
    "rafdb to ferplus": 0.5,
    "rafdb to rafdb": 0.8,
}


@pytest.fixture
def results(request_for, finish):
    """Two corpora and two seeds; FER+ has one class more, and its own evaluation lies beside."""
    request = request_for("ferplus", "rafdb")
    describe(request.stores / "ferplus", classes=["fear", "anger", "contempt"])
    describe(request.stores / "rafdb", classes=["fear", "anger"])
    planned = plan(study_from("across", ACROSS | {"seeds": [0, 1]}), request)
    for cell in sorted(planned.cells, key=lambda cell: not cell.is_training):
        accuracy = ACCURACY[cell.label] + 0.02 * cell.seed
        finish(cell, accuracy, dataset=cell.label)
        content = cell.result.read_metrics()
        if cell.evaluated_on is not None:
            left_out = {"contempt": 7} if cell.data == "ferplus" else {}
            cell.result.finish(content | {"in_common": {"classes": [], "left_out": left_out, "unused": []}})
            scores = {"accuracy": content["metrics"]["accuracy"] | {"value": accuracy - 0.1, "low": 0.0, "high": 1.0}}
            cell.on_all_classes.path.mkdir(parents=True)
            cell.on_all_classes.finish(content | {"metrics": scores})
    return read_results(planned)


def by_label(block):
    return {f"{row.label} to {name}": cell for row in block.rows for name, cell in row.cells.items()}


def test_rows_are_trained_on_and_columns_evaluated_on(results):
    found = tables(results)
    table = found["table"]
    assert [column.label for column in table.columns] == ["ferplus", "rafdb"]
    (block,) = table.blocks
    assert [row.label for row in block.rows] == ["ferplus", "rafdb"]
    cells = by_label(block)
    for label, accuracy in ACCURACY.items():
        assert cells[label].value == pytest.approx(100 * accuracy + 1)
        assert (cells[label].n, cells[label].sd) == (2, pytest.approx(2**0.5))
        assert cells[label].low < cells[label].value < cells[label].high
    assert any("2 classes that every corpus has (fear, anger)" in note for note in table.notes)
    assert "Left out of ferplus: 7 of contempt." in table.notes
    assert "Not prepared, and so not in the table: affectnet." in table.notes
    for format in ("terminal", "markdown", "latex", "csv", "json"):
        assert "ferplus" in render(table, format)
    (block,) = found["own_classes"].blocks
    for label, cell in by_label(block).items():
        less = 0 if label == "rafdb to rafdb" else 10  # the training itself, on all its classes
        assert cell.value == pytest.approx(100 * ACCURACY[label] + 1 - less)


def test_each_column_is_tested_against_training_on_its_corpus(results):
    (block,) = tables(results)["drops"].blocks
    found = {row.label: row.cells["difference"].value for row in block.rows}
    assert found == {"rafdb to ferplus": pytest.approx(-40), "ferplus to rafdb": pytest.approx(-20)}
    assert next(table.title for table in printed(results)) == "Across corpora"
    (drawn,) = of_study(results)
    assert drawn.name == "across_accuracy"
    assert [text.get_text() for text in drawn.figure.axes[0].texts] == ["91.00", "61.00", "51.00", "81.00"]
