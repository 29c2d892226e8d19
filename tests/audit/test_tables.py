import csv
import json

from fercli.audit.tables import audit_json, audit_table, write_pairs
from fercli.tables.export import render


def test_the_table_says_rows_by_splits_and_notes_people_and_labels(twins):
    text = render(audit_table(twins), "markdown")
    assert "test, with a twin in train" in text
    assert "Subjects in train and test: 1, such as p0." in text
    assert "| train, with a twin in train |" in text
    assert "Within one split, the first row of a group of twins does not count." in text
    assert "| split | rows | equal files |" in text
    assert "Different labels (expression): 2 of 3 pairs with equal pixels, in 2 groups of equal images." in text


def test_json_holds_every_number(twins):
    found = json.loads(json.dumps(audit_json(twins)))
    assert found["twins"][-1]["any"] == 5
    assert found["shared"][0]["number"] == 1


def test_the_file_of_ids_has_a_row_for_each_pair_with_both_labels(twins, tmp_path):
    write_pairs(twins, tmp_path / "new" / "ids.csv")
    rows = list(csv.DictReader((tmp_path / "new" / "ids.csv").open()))
    assert len(rows) == twins.pairs.num_rows
    first = next(row for row in rows if row["twin"] == "face40")
    assert (first["id"], first["kind"], first["label"], first["twin_label"]) == (
        "face00", "equal file", "sadness", "happiness",
    )  # fmt: skip
