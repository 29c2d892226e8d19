import math

import numpy as np
import pytest

from fercli.datasets.store import Store
from fercli.engine.screening import evaluated_scores, require_screening, screening_facts, training_recordings
from fercli.errors import ConfigError
from fercli.inference.external_run import ExternalMethod
from fercli.screening.options import BANDS_OF_THE_SCALE, ScreeningOptions

METHOD = ExternalMethod({})


@pytest.fixture
def store(recordings):
    return Store(recordings)


def columns_of(store, rows):
    names = ("id", "video", "score")
    columns = {name: store.column(name)[rows] for name in names} | {"session": store.sessions[rows]}
    return columns | {"predicted_score": columns["score"] + 1}


def test_sittings_belong_to_the_people_of_the_store(store):
    rows = store.rows("train")
    scores = evaluated_scores(METHOD, store, columns_of(store, rows))
    subjects, sittings = store.column("subject")[rows], store.sessions[rows]
    assert scores.num_people == len(set(subjects))
    assert len(scores.score) == len(set(sittings)) > scores.num_people
    np.testing.assert_array_equal(scores.predicted, scores.score + 1)


def test_every_training_recording_counts_once(store):
    rows = store.rows("train")
    training = training_recordings(store, rows, {})
    videos = dict(zip(store.column("video")[rows], store.column("score")[rows], strict=True))
    assert sorted(training.score) == sorted(videos.values())
    assert training.constant == pytest.approx(np.mean([*videos.values()]))
    assert training_recordings(store, rows, {"mean": 15.0}).constant == 15
    assert math.isnan(training_recordings(None, rows, {}).constant)


def test_without_scores_there_is_no_screening_and_its_options_are_refused(store):
    columns, none = {"id": store.column("id")}, training_recordings(None, np.zeros(0, int), {})
    assert screening_facts(METHOD, store, columns, none, BANDS_OF_THE_SCALE) == {}
    require_screening(METHOD, store, columns, BANDS_OF_THE_SCALE)
    with pytest.raises(ConfigError, match="with --cutoff and --prevalence"):
        require_screening(METHOD, store, columns, ScreeningOptions((14,), 0.1))


def test_a_cutoff_that_is_no_score_is_refused(store):
    columns = columns_of(store, store.rows("train"))
    require_screening(METHOD, store, columns, ScreeningOptions((14,)))
    with pytest.raises(ConfigError, match=r"with a whole score of the BDI-II above 0 and at most 63; found 14\.5"):
        require_screening(METHOD, store, columns, ScreeningOptions((14, 14.5)))
