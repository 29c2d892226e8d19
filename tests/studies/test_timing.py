from pathlib import Path

import pytest

from fercli.studies.timing import TIMED, WARM_UP, Enough, StepClock, main, time_training


def ticking(monkeypatch, times):
    clock, left = StepClock(), iter(times)
    monkeypatch.setattr("fercli.studies.timing.now", lambda: next(left))
    clock.on_train_start(None, None)
    for _ in times[1:]:
        clock.on_train_batch_end(None, None)
    return clock


def test_steps_after_the_warm_up_are_timed(monkeypatch):
    times = [9.0, 10.0, 12.0, 13.0, 14.5, 15.5, 16.5, 17.5]  # the start, three steps of warm-up, four that count
    assert ticking(monkeypatch, times).seconds_per_step == pytest.approx((17.5 - 13.0) / 4)


def test_enough_is_enough(monkeypatch):
    with pytest.raises(Enough):
        ticking(monkeypatch, range(1 + WARM_UP + TIMED))


@pytest.mark.parametrize("times", [[10.0, 12.0], [1.0, 10.0, 12.0]])
def test_a_training_of_a_step_or_two_counts_the_last(monkeypatch, times):
    assert ticking(monkeypatch, times).seconds_per_step == 2.0


def test_all_steps_and_evaluatements_of_a_training_are_counted(digits_overrides, tmp_path):
    words = [*digits_overrides, f"runs={tmp_path}/runs", "trainer.batch_size=30"]
    short = time_training([*words, "trainer.max_epochs=1"])
    long = time_training([*words, "trainer.max_epochs=1000"])
    assert min(short.values()) > 0
    assert long["training"] > 50 * short["training"]  # a thousand times as many steps, on a machine that may be busy
    assert long["evaluation"] > 50 * short["evaluation"]
    assert not (tmp_path / "runs").exists()


def test_a_folder_whose_name_holds_an_equals_sign_is_no_override(monkeypatch):
    given = []
    monkeypatch.setattr("fercli.studies.timing.time_training", lambda *arguments: given.extend(arguments) or {})
    main(["data=mnist", "+loss.x=1", "--config-dir", "runs/epochs=3", "seed=0", "--config-dir", "conf"])
    assert given == [["data=mnist", "+loss.x=1", "seed=0"], [Path("runs/epochs=3"), Path("conf")]]
