import json

import pytest

from fercli.checksums import seal
from fercli.cli.store_data import named_by_store
from fercli.studies.own_data import data_of_name
from fercli.studies.request import Request


@pytest.fixture
def renamed(digits, tmp_path):
    """Gives a store with another name and another reader; its images stay where they are."""

    def make(name, reader):
        meta = json.loads((digits / "dataset.json").read_text())
        meta |= {"name": name, "options": {"reader": {"_target_": reader}}}
        (tmp_path / "dataset.json").write_text(json.dumps(meta))
        seal(tmp_path, ["dataset.json"])
        return tmp_path

    return make


def test_a_store_names_its_data_set(digits):
    assert named_by_store(["method=dda", f"store={digits}"]) == ["data=mnist", "method=dda", f"store={digits}"]
    assert named_by_store([f"store='{digits}'"])[0] == "data=mnist"


@pytest.mark.parametrize("given", ["data=ferplus", "experiment=dda_dacl/rafdb"])
def test_what_the_user_chooses_stays(digits, given):
    assert named_by_store([given, f"store={digits}"]) == [given, f"store={digits}"]


def test_a_preset_takes_the_data_of_the_store(digits):
    given = ["experiment=expression", f"store={digits}"]
    assert named_by_store(given) == ["data=mnist", *given]


def test_without_a_store_nothing_is_chosen(tmp_path):
    for overrides in ([], ["method=dda"], [f"store={tmp_path / 'none'}"]):
        assert named_by_store(overrides) == overrides


def test_a_name_of_ones_own_goes_with_its_reader(renamed):
    store = renamed("mine", "fercli.datasets.readers.folder.Folder")
    assert named_by_store([f"store={store}"]) == ["data=folder", "data.name=mine", f"store={store}"]


def test_a_file_of_the_user_describes_the_data_set(renamed, tmp_path):
    (tmp_path / "ours" / "data").mkdir(parents=True)
    (tmp_path / "ours" / "data" / "mine.yaml").write_text("name: mine\n")
    store = renamed("mine", "ours.Reader")
    assert named_by_store([f"store={store}"], [tmp_path / "ours"]) == ["data=mine", f"store={store}"]


def test_a_study_runs_on_a_store_with_a_name_of_ones_own(renamed):
    request = Request(store=renamed("mine", "fercli.datasets.readers.folder.Folder"))
    assert data_of_name("mine", request) == ["data=folder", "data.name=mine"]
    assert data_of_name("rafdb", request) == ["data=rafdb"]
    assert data_of_name("mine", Request()) == ["data=mine"]  # nothing is prepared: composing it names the choices


@pytest.mark.parametrize("reader", ["os.system", None, ["x"], "fercli.datasets.readers.rafdb.RAFDB"])
def test_a_reader_that_nobody_described_chooses_nothing(renamed, reader):
    store = renamed("strange", reader)
    assert named_by_store([f"store={store}"]) == [f"store={store}"]
