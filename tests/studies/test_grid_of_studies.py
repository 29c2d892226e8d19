"""Every packaged study, also one that is added tomorrow, can be planned."""

import pytest

from fercli.catalog import choices
from fercli.studies.grid import SYNTHETIC_EMOTIONS, plan
from fercli.studies.study import load_study
from tests.packaged_studies import packaged_studies


@pytest.mark.parametrize("name", choices("study"))
def test_every_study_has_its_data(name):
    study = packaged_studies()[name]
    named = {study.prepared or study.data, *study.corpora, *(row.prepared for row in study.trained)}
    assert named <= {None, *choices("data")}


@pytest.mark.parametrize("name", choices("study"))
def test_every_study_plans_a_smoke_test_on_synthetic_faces(name, request_for):
    study = load_study(name)
    planned = plan(
        study,
        request_for(*study.synthetic.split(","), SYNTHETIC_EMOTIONS, data="synthetic", budget="smoke", seeds=(0,)),
    )
    assert len(planned.shown) == len(planned.study.trained)
    assert {row.label for row in study.trained if not row.needs} <= {row.label for row in planned.study.trained}
    assert 0 < len(planned.trainings) <= len(planned.cells)  # without initial weights, some rows are the same training
    assert planned.other_data == (study.data not in ("synthetic", study.synthetic))
