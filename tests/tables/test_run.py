from fercli.facts import packaged_facts
from fercli.tables.layout import layout
from fercli.tables.run import metrics_table, not_computed_in_words
from fercli.tables.table import Cell


def scores(**numbers):
    """Entries of metrics.json: numbers, and what each metric says of itself."""
    return {name: entry | packaged_facts()[name].document() for name, entry in numbers.items()}


def test_metrics_are_printed_in_their_units():
    table = metrics_table(
        scores(accuracy={"value": 0.8, "low": 0.7, "high": 0.9}, mcc={"value": 0.5, "low": 0.4, "high": 0.6})
    )
    accuracy, mcc = table.blocks[0].rows
    assert (accuracy.label, accuracy.cells["value"].value, accuracy.cells["value"].low) == ("accuracy (%)", 80, 70)
    assert (mcc.label, mcc.cells["value"].value) == ("MCC", 0.5)


def test_each_metric_has_its_own_digits():
    table = metrics_table(scores(ccc={"value": 0.4786, "low": 0.4711, "high": 0.4857}, accuracy={"value": 0.80004}))
    (_, rows) = layout(table).blocks[0]
    assert [line[1].text for line in rows] == ["0.479 [0.471, 0.486]", "80.00"]


def test_what_the_intervals_are_over_is_said_below():
    ends, people, videos = {"value": 0.5, "low": 0.4, "high": 0.6}, {"subject": 41}, {"video": 8}
    assert metrics_table(scores(mcc=ends | {"units": people})).notes == ["95 % intervals are over 41 subjects."]
    assert metrics_table(scores(mcc=ends | {"units": people}, ccc=ends | {"units": videos})).notes == [
        "95 % intervals are over 41 subjects (MCC) and 8 videos (CCC).",
        "An interval over 8 videos may be too narrow.",
    ]
    assert metrics_table(scores(mcc=ends)).notes == ["95 % intervals are over samples, taken as independent."]
    assert metrics_table(scores(mcc={"value": 0.5, "units": {"subject": 1}})).notes == [
        "No interval: all samples are of 1 subject."
    ]
    assert metrics_table(scores(ece={"value": 0.25})).notes == []


def test_a_metric_without_an_interval_stands_alone():
    (row,) = metrics_table(scores(ece={"value": 0.25})).blocks[0].rows
    assert (row.label, row.cells["value"]) == ("ECE (%)", Cell(25, decimals=2))


def test_metrics_without_a_value_are_counted_with_their_reason():
    assert not_computed_in_words({}) == []
    lacks = {
        "CCC": "nothing predicts predicted_valence",
        "RMSE": "nothing predicts predicted_valence",
        "MCC": "no rows",
    }
    assert not_computed_in_words({"not_computed": lacks}) == [
        "2 metrics are left out, because nothing predicts predicted_valence: CCC, RMSE.",
        "1 metric is left out, because no rows: MCC.",
    ]
