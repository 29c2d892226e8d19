"""Landmarks of a data set's own files, from the raw layout to the batch."""

import numpy as np
import pytest

from fercli.datasets.images import ImageRows
from fercli.datasets.readers.affectnet import AffectNet
from fercli.datasets.readers.synthetic import Synthetic
from fercli.datasets.source import Source
from fercli.datasets.store import Store
from fercli.datasets.synthetic.faces import faces
from fercli.preprocess.align import eye_template
from fercli.preprocess.crop import Crop
from fercli.preprocess.detect import automatic
from fercli.preprocess.job import Job
from fercli.preprocess.pipeline import preprocess
from fercli.preprocess.work import Work
from tests.corpora.layouts_affect import write_affectnet


def prepared(reader, raw, store, crop):
    """The store of a data set whose files have the landmarks, and what was left out."""
    summary = preprocess(Job("faces", reader, Work(Source(raw), automatic(cropped=False, given=True), crop)), store)
    return Store(store), summary.reasons


@pytest.mark.parametrize("form", ["2017", "2021"])
def test_affectnet_with_the_eyes_level_and_masks_on_them(tmp_path, form):
    written = write_affectnet(tmp_path / "raw", faces(6, seed=3), form)
    crop = Crop(96, align="eyes")
    store, reasons = prepared(AffectNet(), tmp_path / "raw", tmp_path / "store", crop)
    assert len(store) == len(written)
    assert sum(reasons.values()) == (3 if form == "2017" else 0)
    batch = ImageRows(store, np.arange(len(store)), with_mask=True).__getitems__([0, 1, 2, 3, 4, 5])
    points = batch.landmarks.numpy()
    eyes = np.stack([points[:, 36:42].mean(1), points[:, 42:48].mean(1)], axis=1)
    np.testing.assert_allclose(eyes, np.broadcast_to(eye_template(96, 0.35, 0.4), eyes.shape), atol=1e-3)
    for mask, (left, right) in zip(batch.mask.numpy(), eyes.round().astype(int), strict=True):
        assert mask.shape == (96, 96)
        assert mask[left[1], left[0]] == mask[right[1], right[0]] == 255


def test_a_truncated_image_is_counted(tmp_path):
    first, *others = write_affectnet(tmp_path / "raw", faces(6, seed=3, size=64))
    image = tmp_path / "raw" / "Manually_Annotated_Images" / first.id
    image.write_bytes(image.read_bytes()[:-30])
    store, reasons = prepared(AffectNet(), tmp_path / "raw", tmp_path / "store", Crop(32))
    assert reasons["image cannot be decoded"] == 1
    assert set(store.column("id")) == {item.id for item in others}


@pytest.mark.parametrize("cropped", [False, True])
def test_drawn_faces_keep_their_landmarks(tmp_path, cropped):
    reader = Synthetic(num_faces=4, num_subjects=10, size=64)
    reader.prepare(tmp_path / "raw")
    work = Work(Source(tmp_path / "raw"), automatic(cropped=cropped, given=True), Crop(128))
    preprocess(Job("synthetic", reader, work), tmp_path / "store")
    store = Store(tmp_path / "store")
    assert store.has_landmarks.all()
    points = store.landmarks(np.arange(4))
    assert points.shape == (4, 68, 2)
    if cropped:  # the image is twice as large, and a pixel center at 0 lies at 0.5 then
        raw = {record.id: record.landmarks for record in reader.read(Source(tmp_path / "raw"))}
        for name, moved in zip(store.column("id"), points, strict=True):
            np.testing.assert_allclose(moved, (raw[name] + 0.5) * 2 - 0.5, atol=1e-3)
    else:
        assert (points[:, 36:48, 1].mean(1) < points[:, 48:60, 1].mean(1)).all()
