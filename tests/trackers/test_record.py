import pytest

from fercli.errors import RunError
from fercli.trackers.record import FILE, forget, remember, tracked_as


def test_each_tracker_has_an_id_until_the_training_starts_again(tmp_path):
    assert tracked_as(tmp_path, "wandb") is None
    remember(tmp_path, "wandb", "a")
    remember(tmp_path, "mlflow", "b")
    assert (tracked_as(tmp_path, "wandb"), tracked_as(tmp_path, "mlflow")) == ("a", "b")
    forget(tmp_path)
    assert tracked_as(tmp_path, "wandb") is None


@pytest.mark.parametrize("content", ["[]", '{"wandb": 1}', "{", "\x00"])
def test_a_damaged_record_is_named(tmp_path, content):
    (tmp_path / FILE).write_text(content)
    with pytest.raises(RunError, match=r"trackers\.json.*delete it"):
        tracked_as(tmp_path, "wandb")
