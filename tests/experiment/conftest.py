import pytest

from fercli.runs.folder import RunFolder


@pytest.fixture(scope="module")
def keep_checkpoints():
    """Finished runs keep their checkpoints, for tests that look at more than weights."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RunFolder, "drop_checkpoints", lambda run: None)
        yield
