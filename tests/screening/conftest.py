import pytest


@pytest.fixture(autouse=True, scope="session")
def few_resamples():
    """Intervals of 100 resamples: these tests hold that there is one, not its third digit."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fercli.screening.people.NUM_RESAMPLES", 100)
        yield
