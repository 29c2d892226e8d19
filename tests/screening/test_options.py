import math

import numpy as np
import pytest

from fercli.errors import ConfigError
from fercli.scales import BDI_II, Scale, named
from fercli.screening.options import BANDS_OF_THE_SCALE, ScreeningOptions, Training


def test_given_cut_offs_replace_those_of_the_scale():
    assert BANDS_OF_THE_SCALE.cutoffs_of(BDI_II) == (14, 20, 29)
    assert ScreeningOptions((20, 17, 20)).cutoffs_of(BDI_II) == (17, 20)
    assert BANDS_OF_THE_SCALE.cutoffs_of(named("phq8")) == (5, 10, 15, 20)
    assert BANDS_OF_THE_SCALE.cutoffs_of(Scale("own", 30, cutoff=12)) == (12,)


@pytest.mark.parametrize("cutoff", [0, 64, 13.5, math.nan])
def test_a_cut_off_is_a_score_that_not_everybody_reaches(cutoff):
    with pytest.raises(ConfigError, match="a whole score of the BDI-II above 0 and at most 63"):
        ScreeningOptions((cutoff,)).cutoffs_of(BDI_II)


@pytest.mark.parametrize("prevalence", [0, 1, 10, math.nan])
def test_a_prevalence_is_a_share(prevalence):
    with pytest.raises(ConfigError, match="between 0 and 1, such as"):
        ScreeningOptions(prevalence=prevalence)


def test_the_prevalence_in_training_rounds_as_screening_does():
    assert Training(np.array([13.4, 13.5, 20]), 15.6).prevalence(14) == 2 / 3
    assert math.isnan(Training(np.zeros(0), 15.6).prevalence(14))
