import pytest

from fercli.audit.audit import audit
from fercli.datasets.store import Store
from fercli.figures.twins import twins_figure, worst_pairs
from tests.stores import write_twins


@pytest.fixture(scope="module")
def audited(once):
    return audit(Store(once("figure-twins", lambda folder: write_twins(folder / "store")) / "store"))


def test_contradicting_labels_come_first_then_pairs_of_several_splits(audited):
    pairs = audited.pairs.take(worst_pairs(audited)).to_pylist()
    # face00 and face40 contradict between splits, face38 and face39 within training
    assert [pair["twin"] for pair in pairs[:3]] == ["face40", "face39", "face41"]


def test_both_images_of_a_pair_stand_under_their_id_split_and_label(audited):
    (axes,) = twins_figure(audited).axes
    texts = [text.get_text() for text in axes.texts]
    assert texts[:2] == ["equal file\nface00\ntrain: sadness", "\nface40\ntest: happiness"]
    assert len(axes.images) == len(texts) == 2 * len(worst_pairs(audited))
