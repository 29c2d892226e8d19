import pytest

from fercli.errors import RunError
from fercli.intervals import over, recorded_units


def test_what_is_recorded_is_read_back_and_old_files_say_nothing():
    assert recorded_units({"units": {"subject": 41, "row": 3}}, "") == {"subject": 41, "row": 3}
    assert recorded_units({"value": 0.5}, "") == {}


@pytest.mark.parametrize(
    "units", [41, {"people": 41}, {"subject": 0}, {"subject": True}, {"subject": "41"}, ["subject"]]
)
def test_anything_else_is_refused(units):
    with pytest.raises(RunError, match=r"metrics\.json: accuracy: expected units such as"):
        recorded_units({"units": units}, "metrics.json: accuracy")


def test_of_old_files_the_words_claim_no_subjects():
    assert over([{}]) == over([]) == "samples, taken as independent"
    assert over([{"subject": 41}, {}]) == "41 subjects or samples, taken as independent"
