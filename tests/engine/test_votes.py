from types import SimpleNamespace

import numpy as np
import pytest

from fercli.engine.votes import EDGES, votes_columns, votes_facts
from fercli.figures.votes import entropy_figure
from fercli.metrics.votes import agreement_with_rest, entropy_of_votes
from fercli.tables.votes import agreement_in_words, entropy_table

NUM_ROWS = 400


@pytest.fixture(scope="module")
def columns():
    """Rows with ten votes for three classes, of which the first has one vote and the second none."""
    rng = np.random.default_rng(0)
    shares = rng.dirichlet([0.5, 0.5, 0.5], size=NUM_ROWS)
    votes = np.stack([rng.multinomial(10, row) for row in shares]).astype(float)
    votes[0], votes[1] = [1, 0, 0], np.nan
    return {
        "id": np.arange(NUM_ROWS).astype(str),
        "votes": votes,
        "num_annotators": np.full(NUM_ROWS, 12.0),
        "expression": np.nan_to_num(votes).argmax(axis=1),
        "probabilities": rng.dirichlet(np.ones(3), size=NUM_ROWS),
    }


def test_the_error_in_each_range_of_the_entropy_is_that_of_its_rows(columns):
    facts = votes_facts(columns)
    wrong = columns["probabilities"].argmax(1) != columns["expression"]
    entropy = entropy_of_votes(columns["votes"][2:])
    for part in facts["by_entropy"]:
        low = -1 if part["above"] is None else part["above"]
        inside = (entropy > low) & (entropy <= (np.inf if part["up_to"] is None else part["up_to"]))
        assert part["num_rows"] == inside.sum() > 0
        assert part["value"] == pytest.approx(wrong[2:][inside].mean())
        assert part["low"] <= part["value"] <= part["high"]
    assert sum(part["num_rows"] for part in facts["by_entropy"]) == facts["num_rows"] == NUM_ROWS - 2
    assert [part["up_to"] for part in facts["by_entropy"]] == [*EDGES, None]


def test_agreement_has_an_interval_over_images(columns):
    facts = votes_facts(columns)
    each = agreement_with_rest(columns["votes"][2:])
    error = each.std() / np.sqrt(len(each))
    share = facts["agreement"]
    assert share["value"] == pytest.approx(each.mean())
    assert share["high"] - share["low"] == pytest.approx(2 * 1.96 * error, rel=0.15)
    assert facts["agreement_of_all"]["value"] == pytest.approx(share["value"] * 10 / 12)


def test_intervals_are_over_subjects_where_they_are_known(columns):
    alone = votes_facts(columns)
    of_people = votes_facts(columns | {"subject": np.repeat(np.arange(NUM_ROWS // 8), 8).astype(str)})
    for facts, words in ((alone, "samples, taken as independent"), (of_people, "subjects")):
        assert entropy_table({"votes": facts}).notes[1] == f"In brackets: 95 % interval over {words}."
    assert alone["by_entropy"][1]["low"] != of_people["by_entropy"][1]["low"]


def test_words_table_and_figure_say_the_same(columns):
    facts = votes_facts(columns)
    assert f"{100 * facts['agreement']['value']:.1f} % [" in agreement_in_words(facts)
    (block,) = entropy_table({"votes": facts}).blocks
    errors = [row.cells["error"].value for row in block.rows]
    assert errors == [100 * part["value"] for part in facts["by_entropy"]]
    line = entropy_figure(facts["by_entropy"]).axes[0].lines[0]
    assert 100 * line.get_ydata() == pytest.approx(errors)


def test_rows_without_votes_say_nothing(columns):
    nobody = np.full((3, 2), np.nan)
    store = SimpleNamespace(votes=nobody, meta={"annotators": 10})
    assert votes_columns(store, np.arange(3)) == {}
    assert votes_facts({"id": np.arange(3)}) is None
    assert votes_facts({"id": np.arange(3), "votes": nobody}) is None
    assert entropy_table({}) is None
