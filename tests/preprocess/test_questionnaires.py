from dataclasses import replace

import numpy as np
import pytest
from omegaconf import OmegaConf

from fercli.datasets.store import Store
from fercli.engine.questionnaires import store_of
from fercli.errors import ConfigError, DataError
from fercli.preprocess.pipeline import preprocess
from fercli.records import Record
from fercli.runs.identity import run_id
from fercli.scales import named
from fercli.studies.grid import plan
from fercli.studies.request import Request
from fercli.studies.study import study_from

SCALES = {name: named(name) for name in ("bdi_ii", "phq9")}
CELLS = [{"bdi_ii": "14", "phq9": "6"}, {"phq9": "27"}, {"bdi_ii": "40"}, {"bdi_ii": "3", "phq9": "0"}]


@pytest.fixture
def both(tmp_path, raw, make_job):
    """A store of four rows with two questionnaires, of which two rows lack one; the last row is of the test split."""

    def write(name="store", cells=CELLS):
        rows = [
            Record(str(i), "test" if i == 3 else "train", f"{i}.png", more=tuple(one.items()))
            for i, one in enumerate(cells)
        ]
        preprocess(make_job(rows, None, extra={"questionnaires": SCALES}), tmp_path / name)
        return tmp_path / name

    return write


def configured(store, **options):
    return OmegaConf.create({"store": str(store), **options})


def test_a_chosen_questionnaire_gives_scores_scale_and_rows(both):
    store = store_of(configured(both(), score="phq9"))
    np.testing.assert_array_equal(store.column("score"), np.float32([6, 27, np.nan, 0]))
    assert (store.scale.name, store.identity["scale"]["high"]) == ("PHQ-9", 27)
    assert store.rows("train").tolist() == [0, 1]
    other = store_of(configured(both(), score="bdi_ii"))
    assert other.rows("train").tolist() == [0, 2]
    assert (other.scale.cutoff, other.rows("test").tolist()) == (14, [3])
    assert store.fingerprint == other.fingerprint


def test_nothing_is_guessed_and_the_choices_are_named(both):
    folder = both()
    with pytest.raises(ConfigError, match="several questionnaires: add score=bdi_ii or phq9"):
        store_of(configured(folder))
    with pytest.raises(DataError, match=r"expected score=bdi_ii or phq9 .* found score=gad7"):
        store_of(configured(folder, score="gad7"))
    assert np.isnan(Store(folder).column("score")).all()
    assert Store(folder).rows("train").tolist() == [0, 1, 2]


def test_a_store_of_one_score_takes_no_choice(tmp_path, raw, make_job):
    preprocess(make_job([Record("0", "train", "0.png", score=3.0)], None), tmp_path / "one")
    assert store_of(configured(tmp_path / "one")).scale.name == "BDI-II"
    with pytest.raises(ConfigError, match="holds no questionnaires to choose from; leave out score=phq9"):
        store_of(configured(tmp_path / "one", score="phq9"))


def test_another_score_is_another_store(both):
    changed = [CELLS[0] | {"phq9": "7"}, *CELLS[1:]]
    assert (
        Store(both()).fingerprint != Store(both("other", changed)).fingerprint == Store(both("o", changed)).fingerprint
    )


def test_rows_with_one_of_the_questionnaires_count_as_scored(both):
    assert Store(both()).meta["counts"] == {"train": {"scored": 3}, "test": {"scored": 1}}


def test_the_choice_is_part_of_the_run_id_and_none_changes_no_id():
    config = {"trainer": {}, "metrics": {}, "choices": {}}
    ids = [run_id(config | more, "data") for more in ({}, {"score": None}, {"score": "phq9"}, {"score": "bdi_ii"})]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


def test_a_study_is_planned_on_the_questionnaire_that_it_names(both, tmp_path):
    folder = both()
    content = {"title": "Scores", "source": "ours", "table": "1", "data": Store(folder).name, "metrics": ["mae"]}
    content |= {"base": ["experiment=severity/frames"], "seeds": [0]}
    study = study_from("own", content | {"rows": [{"label": "a", "overrides": [], "needs": "score"}]})
    (tmp_path / "conf" / "data").mkdir(parents=True)
    (tmp_path / "conf" / "data" / f"{content['data']}.yaml").write_text(f"defaults: [table]\nname: {content['data']}\n")
    request = Request(runs=tmp_path / "runs", store=folder, config_dirs=(tmp_path / "conf",))
    with pytest.raises(ConfigError, match="several questionnaires: add score=bdi_ii or phq9"):
        plan(study, request)
    (cell,) = plan(study, replace(request, overrides=("score=phq9",))).cells
    assert "score=phq9" in cell.overrides
    (other,) = plan(study, replace(request, overrides=("score=bdi_ii",))).cells
    assert cell.run.path != other.run.path
