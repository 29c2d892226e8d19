import math

from fercli.tables.columns import metric_column
from fercli.tables.export import render
from fercli.tables.run import metrics_table
from fercli.tables.twins import apart_note, twins_in_words
from tests.tables.test_run import scores

APART = {"checked": ["equal file", "equal pixels"], "num_twins": 25, "num_rows": 75}


def test_a_run_shows_its_metrics_without_twins_in_a_block_of_their_own():
    apart = APART | {"metrics": {"accuracy": {"value": 0.7, "low": 0.6, "high": 0.8}}}
    table = metrics_table(scores(accuracy={"value": 0.8}), without_twins=apart)
    assert table.blocks[1].title == "on the 75 samples without a twin in training"
    assert table.blocks[1].rows[0].cells["value"].value == 70
    assert "25 of 100 samples have a twin in training" in render(table, "markdown")


def test_without_a_twin_only_the_sentence_says_so_and_without_a_record_nothing():
    none = APART | {"num_twins": 0, "metrics": {}}
    table = metrics_table(scores(accuracy={"value": 0.8}), without_twins=none)
    assert len(table.blocks) == 1
    assert table.notes == [twins_in_words(none)]
    assert not metrics_table(scores(accuracy={"value": 0.8})).notes


def test_a_footnote_says_the_number_without_twins():
    accuracy = metric_column("accuracy")
    assert apart_note(84.098, 3300.0, accuracy, 3) == (
        "84.10 % on the 3,300 samples without a twin in training, mean of 3 runs",
    )
    assert apart_note(math.nan, 3300.0, accuracy) == () == apart_note(84.0, None, accuracy)
