import numpy as np
import pytest
import torch

from fercli.experiment.mask_pictures import NUM_EACH, mask_pictures
from fercli.experiment.shown import seen
from fercli.losses.mask import mask_target

MASK = ["method=multitask_mask", "backbone=timm", "backbone.name=test_resnet", "augment.size=96", "augment=none"]


@pytest.fixture
def judged(untrained):
    """Every sample predicted as the first class."""
    found = untrained("synthetic", *MASK)
    labels = found.evaluation.columns["expression"]
    found.evaluation.columns["probabilities"] = np.eye(8)[np.zeros(len(labels), dtype=int)]
    return found


def cells(figure):
    return np.array(figure.axes).reshape(-1, 3)


def images_of(line):
    return [np.asarray(cell.images[0].get_array()) for cell in line if cell.images]


def test_each_row_has_the_image_the_predicted_mask_and_that_of_the_loss(judged):
    ((name, caption, figure),) = mask_pictures(judged)
    lines = cells(figure)
    assert name == "masks"
    assert "without landmarks" not in caption
    assert [cell.get_title() for cell in lines[0]] == ["image", "predicted", "true"]
    assert len(lines) == 2 * NUM_EACH
    everything = seen(judged, np.arange(len(judged.evaluation.columns["id"])))
    places = {image.tobytes(): i for i, image in enumerate(everything.images)}
    with torch.inference_mode():
        scores = judged.method.eval()(everything.batch).mask_logits
    target = 255 * mask_target(scores, everything.batch.mask).numpy()
    for line in lines:
        image, predicted, true = images_of(line)
        place = places[image.tobytes()]
        np.testing.assert_allclose(predicted, 255 * torch.sigmoid(scores[place]).numpy(), atol=1.5)
        np.testing.assert_array_equal(true, target[place])
        assert true.any()


def test_a_face_without_landmarks_has_no_true_mask(judged, monkeypatch):
    def unknown(judged, rows):
        found = seen(judged, rows)
        found.batch.mask[0] = torch.nan
        return found

    monkeypatch.setattr("fercli.experiment.mask_pictures.seen", unknown)
    ((_, caption, figure),) = mask_pictures(judged)
    assert caption.endswith("; faces without landmarks have no true mask")
    assert [len(images_of(line)) for line in cells(figure)] == [2, *[3] * (2 * NUM_EACH - 1)]


def test_other_methods_have_no_such_figure(untrained):
    assert list(mask_pictures(untrained("synthetic", "method=softmax", "backbone=lenets", "augment.size=28"))) == []
