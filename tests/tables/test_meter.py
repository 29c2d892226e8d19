"""The selection meter of one run as a table."""

import pytest

from fercli.facts import packaged_facts
from fercli.tables.meter import meter_table


def result(**changes):
    metrics = {name: {"value": 0.5} | packaged_facts()[name].document() for name in ("accuracy", "ece")}
    recorded = {"chosen": 0.5, "last": 0.4, "best": 0.6, "best_epoch": 7}
    falls = {"chosen": 0.5, "last": 0.6, "best": 0.2, "best_epoch": 2}
    return {"metrics": metrics, "chosen_epoch": 3, "meter": {"accuracy": recorded, "ece": falls}} | changes


def test_the_gain_has_the_direction_and_the_unit_of_the_metric():
    table = meter_table(result())
    rows = {row.label: row.cells for row in table.blocks[0].rows}
    assert rows["accuracy (%)"]["added"].value == pytest.approx(10.0)
    assert [cells["added"].value > 0 for cells in rows.values()] == [True, True]
    assert rows["accuracy (%)"]["epoch"].text == "epoch 7"
    assert table.notes[0].startswith("The rule of this run gave epoch 3.")


@pytest.mark.parametrize("recorded", [{}, {"of another run": {"chosen": 1, "last": 1, "best": 1, "best_epoch": 1}}])
def test_a_run_without_a_meter_has_no_table(recorded):
    assert meter_table(result(meter=recorded)) is None
