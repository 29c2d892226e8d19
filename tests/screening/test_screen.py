import math

import numpy as np
import pytest

from fercli.scales import BDI_II, Scale
from fercli.screening.options import BANDS_OF_THE_SCALE, ScreeningOptions, Training
from fercli.screening.people import Scores
from fercli.screening.screen import screening_document

RNG = np.random.default_rng(0)
SCORE = np.clip(RNG.gamma(1.5, 10, 40).round(), 0, 63)
SCORES = Scores(SCORE, 0.7 * SCORE + 5 + RNG.normal(0, 5, 40), np.arange(40))
TRAINING = Training(np.array([0.0, 10, 20, 30, 40]), 20.0)


@pytest.fixture(scope="module")
def document():
    return screening_document(SCORES, TRAINING, BDI_II, ScreeningOptions(prevalence=0.1))


def test_cut_offs_are_those_of_the_bands(document):
    assert [one["cutoff"] for one in document["cutoffs"]] == [14, 20, 29]
    assert [one["training_prevalence"] for one in document["cutoffs"]] == [0.6, 0.6, 0.4]
    assert (document["num_people"], document["stated_prevalence"]) == (40, 0.1)


def test_the_constant_predictor_stands_beside_each_number(document):
    low, _, high = document["cutoffs"]
    prevalence = low["prevalence"]["value"]
    assert (low["sensitivity"]["constant"], low["specificity"]["constant"]) == (1, 0)  # 20 points reach 14
    assert (high["sensitivity"]["constant"], high["specificity"]["constant"]) == (0, 1)
    assert (low["ppv"]["constant"], low["ppv_stated"]["constant"]) == (prevalence, 0.1)
    assert low["npv"]["constant"] is None
    assert high["npv_training"]["constant"] == 0.6
    assert (low["auc"]["constant"], low["average_precision"]["constant"]) == (0.5, prevalence)
    positive = SCORE >= 14
    assert low["brier"]["constant"] == pytest.approx(np.mean((0.6 - positive) ** 2), rel=1e-9)
    acting = positive.mean() - (~positive).mean() * 0.2 / 0.8
    assert low["net_benefit_0.2"]["constant"] == pytest.approx(acting, rel=1e-9)  # 60 % in training: it acts on all
    assert low["net_benefit_0.2"]["treat_all"] == pytest.approx(acting, rel=1e-9)
    assert document["scores"]["mae"]["constant"] == pytest.approx(np.abs(20 - SCORE).mean(), rel=1e-9)
    assert document["scores"]["slope"]["constant"] is None


def test_numbers_lie_in_their_intervals(document):
    numbers = [one for part in (document["scores"], *document["cutoffs"]) for one in part.values()]
    intervals = [one for one in numbers if isinstance(one, dict) and one["low"] is not None]
    assert len(intervals) > 40
    assert all(one["low"] - 1e-12 <= one["value"] <= one["high"] + 1e-12 for one in intervals)


def test_coverage_is_counted_by_true_severity(document):
    rows = document["bands"]["by_severity"]
    assert [row["name"] for row in rows] == ["all", *BDI_II.names]
    assert rows[0]["num_sittings"] == sum(row["num_sittings"] for row in rows[1:]) == 40
    mean = sum(row["value"] * row["num_sittings"] for row in rows[1:]) / 40
    assert rows[0]["value"] == pytest.approx(mean, rel=1e-9)


def test_what_is_not_defined_is_none():
    few = Scores(np.array([3.0, 30]), np.array([5.0, 20]), np.arange(2))
    unknown = screening_document(few, Training(np.zeros(0), math.nan), BDI_II, BANDS_OF_THE_SCALE)
    first = unknown["cutoffs"][0]
    assert first["training_prevalence"] is first["sensitivity"]["constant"] is unknown["bands"]["half_width"] is None
    assert "ppv_training" not in first
    assert first["auc"]["value"] == 1
    assert first["auc"]["low"] is None
    assert first["sensitivity"]["low"] < 0.3


def test_a_scale_without_bands_has_agreement_alone():
    plain = screening_document(SCORES, TRAINING, Scale("own", 63), BANDS_OF_THE_SCALE)
    assert plain["cutoffs"] == []
    assert [row["name"] for row in plain["bands"]["by_severity"]] == ["all"]
