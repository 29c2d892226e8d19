import json

import numpy as np
import pytest

from fercli.datasets.shards import write_shard
from fercli.errors import ConfigError, DataError
from fercli.pages.study import plan_document
from fercli.scales import named
from fercli.studies.corpora import label_of, present_corpora
from fercli.studies.grid import plan
from fercli.studies.study import study_from
from tests.stores import describe, listed

ACROSS = {
    "title": "Across two corpora",
    "source": "ours",
    "table": "across corpora",
    "corpora": ["ferplus", "rafdb", "affectnet"],
    "base": ["experiment=expression", "logger=none"],
    "seeds": [0],
    "metrics": ["accuracy"],
}
CLASSES = {"ferplus": ["fear", "anger", "contempt"], "rafdb": ["anger", "fear"], "affectnet": ["fear", "anger"]}


@pytest.fixture
def across(request_for):
    """Plan the study for the named corpora; other options go to the request."""

    def planned(*names, study=ACROSS, **options):
        request = request_for(*names, **options)
        for name in names:
            describe(request.stores / name, classes=CLASSES[name])
        return plan(study_from("across", study), request)

    return planned


def test_each_training_is_evaluated_on_each_corpus(across):
    planned = across("ferplus", "rafdb")
    assert present_corpora(planned.study) == ("ferplus", "rafdb")
    cells = {cell.label: cell for cell in planned.cells}
    assert [*cells] == [label_of(one, other) for one in ("ferplus", "rafdb") for other in ("ferplus", "rafdb")]
    assert cells["ferplus to rafdb"].run == cells["ferplus to ferplus"].run
    assert len(planned.trainings) == 2
    assert cells["rafdb to rafdb"].is_training  # the corpus has the classes in common alone
    name = cells["ferplus to rafdb"].result.path.name
    assert name.startswith("rafdb-test-")
    assert "classes" not in name  # they are all that the two have in common
    assert cells["ferplus to rafdb"].data == "rafdb"


def test_a_corpus_with_more_classes_is_evaluated_on_those_in_common(across):
    planned = across("ferplus", "rafdb")
    (cell,) = (cell for cell in planned.cells if cell.label == "ferplus to ferplus")
    store = planned.request.stores / "ferplus"
    expected = ("eval", str(cell.run.path), "--store", str(store), "--class", "fear", "--class", "anger")
    assert cell.arguments == expected
    assert "-classes_" in cell.result.path.name
    assert cell.on_all_classes.path.name == f"{cell.result.path.name.partition('-classes_')[0]}-all_classes"
    assert not cell.can_run
    assert cell.training.arguments[0] == "train"
    assert plan_document(planned)["cells"][0]["command"].startswith("fercli eval ")


def test_corpora_that_the_user_names_take_the_place_of_those_of_the_study(across):
    planned = across("affectnet", "rafdb", data="rafdb,affectnet")
    assert present_corpora(planned.study) == ("rafdb", "affectnet")
    assert planned.other_data
    assert not across("ferplus", "rafdb").other_data


@pytest.mark.parametrize(
    ("names", "options", "error", "words"),
    [
        (("ferplus",), {}, DataError, "expected two prepared corpora; found ferplus of ferplus, rafdb, affectnet"),
        (("ferplus",), {"data": "ferplus,rafdb"}, DataError, "expected 'rafdb' prepared in"),
        (("ferplus",), {"data": "ferplus,ferplus"}, ConfigError, "every corpus once; found ferplus, ferplus"),
        (("ferplus", "rafdb"), {"store": "stores/x"}, ConfigError, "reads several stores; expected stores=<folder>"),
    ],
)
def test_what_cannot_be_planned_is_said(across, names, options, error, words):
    with pytest.raises(error, match=words):
        across(*names, **options)


def test_corpora_without_a_class_in_common_are_refused(request_for):
    request = request_for("ferplus", "rafdb")
    describe(request.stores / "ferplus", classes=["fear"])
    describe(request.stores / "rafdb", classes=["anger"])
    with pytest.raises(DataError, match="ferplus, rafdb have no class in common"):
        plan(study_from("across", ACROSS), request)


def test_a_study_has_rows_or_corpora():
    with pytest.raises(ConfigError, match="expected rows and claims, or corpora; found both"):
        study_from("across", ACROSS | {"rows": [{"label": "one", "overrides": []}]})


def test_scores_of_two_scales_are_not_compared(request_for):
    names = ("synthetic_depression", "avec2014")
    request = request_for(*names)
    for name, scale in zip(names, ("bdi_ii", "phq8"), strict=True):
        folder = request.stores / name
        (folder / "shards").mkdir()
        rows = [{"id": "a", "split": "train", "image": b"", "score": np.float32(5)}]
        shard = write_shard(folder / "shards", 0, rows, [])
        options = {"scale": json.loads(json.dumps(named(scale).document()))}
        describe(folder, shards=listed([shard]), classes=[], options=options)
    study = ACROSS | {"corpora": [*names], "base": ["experiment=severity/frames"], "metrics": ["mae"]}
    planned = plan(study_from("across", study), request)
    assert [cell.label for cell in planned.cells] == [label_of(name, name) for name in names]
    reasons = [row.not_run for row in planned.study.rows if row.overrides is None]
    assert len(reasons) == 2
    assert all("have no common error" in reason for reason in reasons)
