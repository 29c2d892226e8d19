import numpy as np
import pytest
import torch

from fercli.figures import masks
from fercli.figures.masks import NUM_EACH
from fercli.figures.shown import seen
from fercli.losses.mask import mask_target
from tests.figures.grids import headers_of, images_of

MASK = ["method=multitask_mask", "backbone=timm", "backbone.name=test_resnet", "augment.size=96", "augment=none"]


@pytest.fixture
def evaluated(untrained):
    """Every sample predicted as the first class."""
    found = untrained("synthetic", *MASK)
    labels = found.evaluation.columns["expression"]
    found.evaluation.columns["probabilities"] = np.eye(8)[np.zeros(len(labels), dtype=int)]
    return found


def test_each_row_has_the_image_the_predicted_mask_and_that_of_the_loss(evaluated):
    ((name, caption, figure, _),) = masks.of_run(evaluated)
    lines = images_of(figure)
    assert name == "masks"
    assert "without landmarks" not in caption
    assert headers_of(figure) == ["image", "predicted", "true"]
    assert len(lines) == 2 * NUM_EACH
    everything = seen(evaluated, np.arange(len(evaluated.evaluation.columns["id"])))
    places = {image.tobytes(): i for i, image in enumerate(everything.images)}
    with torch.inference_mode():
        scores = evaluated.method.eval()(everything.batch).mask_logits
    target = 255 * mask_target(scores, everything.batch.mask).numpy()
    for line in lines:
        image, predicted, true = line
        place = places[image.tobytes()]
        np.testing.assert_allclose(predicted, 255 * torch.sigmoid(scores[place]).numpy(), atol=1.5)
        np.testing.assert_array_equal(true, target[place])
        assert true.any()


def test_a_face_without_landmarks_has_no_true_mask(evaluated, monkeypatch):
    def unknown(evaluated, rows):
        found = seen(evaluated, rows)
        found.batch.mask[0] = torch.nan
        return found

    monkeypatch.setattr("fercli.figures.masks.seen", unknown)
    ((_, caption, figure, _),) = masks.of_run(evaluated)
    assert caption.endswith("; faces without landmarks have no true mask")
    assert [len(line) for line in images_of(figure)] == [2, *[3] * (2 * NUM_EACH - 1)]


def test_other_methods_have_no_such_figure(untrained):
    assert list(masks.of_run(untrained("synthetic", "method=softmax", "backbone=lenets", "augment.size=16"))) == []
