import pytest

from fercli.cli.evaluations import stores_in
from tests.stores import describe


@pytest.fixture
def crops(tmp_path):
    """A folder with three stores whose fingerprints are their names in capitals."""
    for name in "abc":
        describe(tmp_path / "crops" / name, fingerprint=name.upper())
    return tmp_path / "crops"


def test_the_store_of_the_run_comes_first_in_a_folder(crops):
    assert stores_in([crops], "B") == [crops / name for name in "bac"]
    assert stores_in([crops], "X") == [crops / name for name in "abc"]


def test_stores_that_are_named_keep_their_order_and_count_once(crops):
    assert stores_in([crops / "c", crops, crops / "b" / ".." / "c"], "B") == [crops / name for name in "cba"]


def test_a_place_without_a_store_stays_for_the_message_about_it(tmp_path):
    assert stores_in([tmp_path / "nowhere"], "B") == [tmp_path / "nowhere"]
