"""More epochs of a finished run: its options, changed by those that are typed."""

import pytest

from fercli.errors import ConfigError, RunError
from fercli.runs.continuation import more_epochs
from fercli.runs.folder import RunFolder
from tests.stores import reseal


@pytest.fixture
def make(tmp_path, write_run):
    def make(*words):
        run = RunFolder(write_run(tmp_path))
        run.config.touch()
        (run.path / "overrides.txt").write_text("\n".join(words) + "\n")
        reseal(run.path)
        return run

    return make


def test_options_are_those_of_the_run_with_changes(make):
    run = make("method=dda", "+loss.dda.weight=2", "trainer.max_epochs=5", "init=runs/older/seed0", "seed=3")
    found = more_epochs([f"init={run.path}", "optimizer.lr=0.001", "loss.dda.weight=3"], 7)
    assert found == [
        "method=dda", "loss.dda.weight=3", "seed=3", f"init={run.path}", "optimizer.lr=0.001", "trainer.max_epochs=7",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "message"),
    [(["seed=0"], "expected init=<run> with --epochs"), (["init=x", "trainer.max_epochs=3"], "found both")],
)
def test_what_does_not_go_together(words, message):
    with pytest.raises(ConfigError, match=message):
        more_epochs(words, 1)


@pytest.mark.parametrize("word", ["+x._target_=os.system", "seed=${oc.env:HOME}"])
def test_options_of_others_build_nothing(make, word):
    with pytest.raises(RunError, match="could build code of others"):
        more_epochs([f"init={make(word).path}"], 1)


def test_changed_options_are_refused(make):
    run = make("method=dda")
    (run.path / "overrides.txt").write_text("method=center\n")
    with pytest.raises(RunError, match="damaged or was changed by hand"):
        more_epochs([f"init={run.path}"], 1)
