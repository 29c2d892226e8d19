"""A module says what its figures need, so that predictions of others never get a figure of what they do not hold."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fercli.datasets.store import Store
from fercli.figures import samples
from fercli.figures.figure import figure_bytes
from fercli.figures.needs import Needs
from fercli.figures.run import SECTIONS, figures_of_run
from fercli.inference.external_run import SOFTER, evaluate_external
from tests.stores import write_twins

MODULES = [module for modules in SECTIONS.values() for module in modules]


@pytest.fixture(scope="module")
def store(once):
    return Store(once("figure-needs", lambda folder: write_twins(folder / "store")) / "store")


@pytest.fixture
def evaluated(store, tmp_path):
    """Predictions of others, evaluated: with probabilities, or of the class alone."""

    def of(kind):
        rows = store.rows("test")
        sad = np.where(store.labels[rows] == 0, 0.8, 0.3)
        sad[:4] = 1 - sad[:4]
        names = np.where(sad > 0.5, "sadness", "happiness")
        given = {"prob_sadness": sad, "prob_happiness": 1 - sad} if kind == "probabilities" else {"predicted": names}
        pd.DataFrame({"id": store.column("id")[rows]} | given).to_csv(tmp_path / "theirs.csv", index=False)
        return evaluate_external(tmp_path / "theirs.csv", store, None, {"method": kind}, tmp_path / "runs").run

    return of


def names_of(evaluated):
    return {drawn.name for _, drawn in figures_of_run(evaluated)}


def test_a_run_has_everything_and_predictions_of_others_what_they_hold():
    found = {
        need.name: [
            need.met_by(result) for result in ({}, *({"external": {"kind": kind}} for kind in ("votes", "class")))
        ]
        for need in Needs
    }
    assert found == {
        "PREDICTIONS": [True, True, True],
        "PROBABILITIES": [True, True, False],
        "RUN": [True, False, False],
    }


def test_figures_of_probabilities_are_those_of_others_with_probabilities(evaluated):
    sure, named = evaluated("probabilities"), evaluated("class")
    modules = [module for module in MODULES if module.NEEDS is Needs.PROBABILITIES]
    needing = {drawn.name for module in modules for drawn in module.of_run(sure)}
    assert "reliability" in needing
    assert names_of(sure) - names_of(named) == needing
    assert {"confusion_matrix", "class_recall", "samples", "class_samples"} <= names_of(named)


def test_figures_that_need_only_the_predicted_class_do_not_change_with_its_probability(evaluated):
    """Holds each module: one that draws a confidence, and does not say so, fails here."""
    named = evaluated("class")
    columns = named.evaluation.columns
    softer = SOFTER * columns["probabilities"] + (1 - SOFTER) / 2
    unsure = replace(named, evaluation=replace(named.evaluation, columns=columns | {"probabilities": softer}))
    drawn = []
    for module in MODULES:
        if module.NEEDS is Needs.PREDICTIONS:
            for sharp, soft in zip(module.of_run(named), module.of_run(unsure), strict=True):
                assert figure_bytes(sharp.figure, "png") == figure_bytes(soft.figure, "png"), sharp.name
                drawn.append(sharp.name)
    assert {"confusion_matrix", "class_recall", "samples"} <= set(drawn)


def test_samples_show_a_confidence_only_where_it_is_known(evaluated):
    def words(kind):
        first = next(samples.of_run(evaluated(kind)))
        return " ".join(text.get_text() for axes in first.figure.axes for text in axes.texts)

    assert "%" in words("probabilities")
    assert "%" not in words("class")
