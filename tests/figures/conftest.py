from functools import partial

import pytest


@pytest.fixture(autouse=True, scope="module")
def few_resamples():
    """Intervals of 100 resamples: these tests hold what is drawn of an evaluation, not the ends of intervals."""
    from fercli.engine import measurement, votes, without_twins
    from fercli.metrics import groups
    from fercli.metrics.bootstrap import bootstrap_intervals

    with pytest.MonkeyPatch.context() as patch:
        for module in (measurement, votes, without_twins, groups):
            patch.setattr(module, "bootstrap_intervals", partial(bootstrap_intervals, num_resamples=100))
        patch.setattr("fercli.screening.people.NUM_RESAMPLES", 100)
        yield
