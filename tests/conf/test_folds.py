"""Every choice of `folds` divides a store, says how in the protocol, and counts in the run id."""

import shutil

import numpy as np
import pytest

from fercli.catalog import choices
from fercli.config import compose, unresolved
from fercli.datasets.store import Store
from fercli.datasets.twins import NEAR_FILE, pairs_table, write
from fercli.engine.build import run_split
from fercli.engine.folds import cross_validation_id, folds_of
from fercli.engine.identity import data_fingerprint
from fercli.engine.protocol import measured_protocol
from fercli.engine.selection_words import selection_on_own
from fercli.errors import DataError
from fercli.runs.identity import run_id

OPTIONS = {
    "random_split": [],
    "repeated": ["folds.fold=2", "folds.k=3"],
    "stratified_grouped": ["folds.fold=2", "folds.k=3"],
}
CHOICES = [name for name in choices("folds") if name != "none"]


def identity(cfg, store):
    return run_id(unresolved(cfg), data_fingerprint(cfg, store))


@pytest.fixture
def with_folds(recordings, tmp_path):
    """The configuration of a training on drawn recordings, with a choice of folds."""
    store = Store(recordings)
    videos = sorted(set(store.column("video")))
    lines = [f"{name},{place % 3}" for place, name in enumerate(videos)]
    (tmp_path / "folds.csv").write_text("\n".join(["video,fold", *lines]) + "\n")
    base = ["data=synthetic_depression", "experiment=severity/frames", f"store={recordings}", "selection.holdout=0.3"]

    def composed(*overrides):
        path = [f"folds.path={tmp_path / 'folds.csv'}"] if "folds=file" in overrides else []
        return compose("train", [*base, *overrides, *path])

    return composed


@pytest.mark.parametrize("name", CHOICES)
def test_every_choice_divides_a_store_and_names_itself(with_folds, recordings, name):
    store = Store(recordings)
    cfg = with_folds(f"folds={name}", *OPTIONS.get(name, ["folds.fold=2"]))
    split = run_split(cfg, store)
    parts = [split.train, split.validation, split.evaluation]
    assert all(len(part) for part in parts)
    assert len(np.unique(np.concatenate(parts))) == sum(map(len, parts))
    people = [{*store.column("subject")[part]} for part in parts]
    assert not people[0] & people[1]
    assert not (people[0] | people[1]) & people[2]
    selection = selection_on_own(cfg, store, split.evaluation_name)
    protocol = measured_protocol(cfg, store, split.evaluation_name, selection, set())
    assert (protocol.selection, protocol.repeats) == ("holdout", "1")
    assert protocol.split == ("test" if name == "random_split" else f"fold 2 of {folds_of(cfg).count(store)}")
    assert protocol.split_rule == folds_of(cfg).rule(store) != "60 % of the people train, 20 % validate, 20 % test"


def test_without_folds_nothing_changes(with_folds, recordings):
    store = Store(recordings)
    plain, none = with_folds(), with_folds("folds=none")
    assert identity(plain, store) == identity(none, store)
    del none.folds  # as a run of an earlier fercli has it
    assert identity(plain, store) == identity(none, store)
    assert run_split(none, store).evaluation_name == "test"


def test_each_fold_is_another_experiment_of_one_cross_validation(with_folds, recordings):
    store = Store(recordings)
    ids, joined = set(), set()
    for fold in (1, 2):
        cfg = with_folds("folds=grouped", f"folds.fold={fold}")
        ids.add(identity(cfg, store))
        joined.add(cross_validation_id(unresolved(cfg), data_fingerprint(cfg, store)))
    assert (len(ids), len(joined)) == (2, 1)
    assert joined == {identity(with_folds("folds=grouped"), store)}


@pytest.mark.parametrize("name", CHOICES)
def test_a_run_is_its_own_cross_validation_where_it_has_no_fold_to_choose(with_folds, recordings, name):
    store = Store(recordings)
    cfg = with_folds(f"folds={name}", *OPTIONS.get(name, ["folds.fold=2"]))
    joined = cross_validation_id(unresolved(cfg), data_fingerprint(cfg, store))
    assert (joined == identity(cfg, store)) == folds_of(cfg).is_single


def test_a_file_of_folds_counts_by_its_content(with_folds, recordings, tmp_path):
    store = Store(recordings)
    before = identity(with_folds("folds=file"), store)
    (tmp_path / "folds.csv").rename(tmp_path / "moved.csv")
    moved = with_folds("folds=file")
    moved.folds.path = str(tmp_path / "moved.csv")
    assert identity(moved, store) == before
    (tmp_path / "moved.csv").write_text((tmp_path / "moved.csv").read_text().replace(",2", ",1"))
    assert identity(moved, store) != before


def test_repeats_are_seeds_of_one_experiment_that_draw_their_own_folds(with_folds, recordings):
    store = Store(recordings)
    one, other = (with_folds("folds=repeated", "folds.k=3", "folds.fold=1", f"seed={seed}") for seed in (0, 1))
    assert identity(one, store) == identity(other, store)
    assert set(run_split(one, store).evaluation) != set(run_split(other, store).evaluation)


def test_near_duplicates_count_in_the_run_id_where_they_stay_together_and_the_default_is_as_before(
    with_folds, recordings, tmp_path
):
    place = tmp_path / "store"
    shutil.copytree(recordings, place)
    store = Store(place)
    cfg, plain = with_folds("twins=near"), with_folds()
    with pytest.raises(DataError, match=f"fercli audit {place}"):
        identity(cfg, store)
    first, second, third = store.column("id")[[0, 40, 80]]
    ids = {identity(plain, store)}
    for other in (second, third):
        pairs = pairs_table([(first, other, "train", "train", "near-duplicate", 0.9, False, 0.0, 0.0)])
        write(place, NEAR_FILE, pairs, [store.fingerprint])
        ids.add(identity(cfg, Store(place)))
        assert identity(plain, Store(place)) == identity(with_folds("twins=equal"), Store(place))
    assert len(ids) == 3
    del plain.twins  # as a run of an earlier fercli has it
    assert identity(plain, Store(place)) in ids
    fold = with_folds("twins=near", "folds=grouped", "folds.fold=1", "folds.k=3")
    protocol = measured_protocol(fold, Store(place), "fold1", selection_on_own(fold, Store(place), "fold1"), set())
    assert protocol.split_rule == f"{folds_of(fold).rule(store)}, near-duplicates together"
    assert protocol.selection == "holdout, near-duplicates together"
