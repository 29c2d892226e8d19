from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from fercli.backbones.depressed_cnn import DepressedCNN
from fercli.batch import Batch
from fercli.config import compose, instantiate
from fercli.datasets.augment import Plain
from fercli.datasets.splits import Split
from fercli.datasets.store import Store
from fercli.errors import ConfigError
from fercli.heads.dlga import DLGAHead
from fercli.losses.objective import Objective, Term
from fercli.losses.score import ScoreEuclidean
from fercli.methods.dlga import DLGA, standardized
from fercli.ops.motion import MIRRORED_68
from fercli.ops.patches import PatchRule, window_starts
from fercli.ops.template import template_landmarks

SIZE = 32
METHODS = {"dlga_cnn": (150, 25), "la_cnn": (1536, 24), "ga_cnn": (512, 1), "lga_cnn": (2048, 25)}


def objective():
    return Objective({"score_euclidean": Term(ScoreEuclidean())})


def method(**options):
    torch.manual_seed(0)
    backbone = DepressedCNN(width=2)
    shared = {
        "objective": objective(),
        "augment": Plain(SIZE, [0.5] * 3, [0.5] * 3),
        "metrics": {},
        "optimizer": lambda groups: torch.optim.Adam(groups, lr=0.01, weight_decay=0.1),
    }
    return DLGA(backbone, DLGAHead((20, 4, 4), hidden=8), **({"patches": PatchRule()} | shared | options)).eval()


def batch(n=3, landmarks=None):
    torch.manual_seed(1)
    score = torch.tensor([12.0, 17.0, 40.0])[:n]
    return Batch([""] * n, torch.randn(n, 3, SIZE, SIZE), score=score, landmarks=landmarks)


def some_landmarks(n=3):
    return SIZE * torch.rand(n, 68, 2, generator=torch.Generator().manual_seed(2)) - 0.5


def test_patches_follow_the_landmarks_of_each_face():
    landmarks = some_landmarks()
    expected = PatchRule().centers(landmarks + 0.5, SIZE)
    assert torch.equal(method().patch_centers(batch(landmarks=landmarks)), expected)
    here, there = (method()(batch(landmarks=points)) for points in (landmarks, landmarks.flip(0)))
    assert not torch.equal(here.predicted_score, there.predicted_score)


def test_faces_without_landmarks_have_those_of_a_generic_face():
    generic = torch.from_numpy(template_landmarks(SIZE, 0.3)).float() + 0.5
    expected = PatchRule().centers(generic.expand(3, -1, -1), SIZE)
    found = method(template_margin=0.3)
    torch.testing.assert_close(found.patch_centers(batch()), expected)
    landmarks = some_landmarks()
    landmarks[1] = torch.nan
    centers = found.patch_centers(batch(landmarks=landmarks))
    torch.testing.assert_close(centers[1], expected[1])
    assert torch.equal(centers[[0, 2]], PatchRule().centers(landmarks + 0.5, SIZE)[[0, 2]])


def test_a_mirrored_face_has_mirrored_windows():
    """As augmentation mirrors it: the center of a pixel goes to the center of another."""
    landmarks = some_landmarks(8)
    flipped = (torch.tensor([SIZE - 1.0, 0]) + landmarks * torch.tensor([-1.0, 1.0]))[:, MIRRORED_68]
    starts, found = (
        window_starts(method().patch_centers(batch(8, points)))[:, 8:10] for points in (landmarks, flipped)
    )
    assert torch.equal(found[..., 1], starts[..., 1])
    assert torch.equal(found[..., 0], SIZE // 8 - 6 - starts[..., 0])


def test_patches_are_cut_by_the_scale_of_the_map():
    seen = []

    def reader(features, starts):
        seen.append(starts)
        return {"feature": features.vector}

    found = method()
    landmarks = some_landmarks()
    found.head = nn.Module()
    found.head.forward = reader
    found(batch(landmarks=landmarks))
    centers = PatchRule().centers(landmarks + 0.5, SIZE)
    np.testing.assert_array_equal(seen[0].numpy(), np.floor(centers.numpy() / 8 - 2.5))


def test_pixels_of_each_image_can_be_standardized():
    image = 3 * torch.randn(4, 3, 8, 8, dtype=torch.float64) + 5
    found = standardized(image)
    torch.testing.assert_close(found.mean((1, 2, 3)), torch.zeros(4, dtype=torch.float64))
    torch.testing.assert_close(found.var((1, 2, 3), correction=0), torch.ones(4, dtype=torch.float64))
    assert standardized(torch.full((1, 3, 8, 8), 0.7)).abs().max() < 1e-3
    plain, scaled = (method(per_image_standardize=option)(batch()) for option in (False, True))
    assert not torch.equal(plain.predicted_score, scaled.predicted_score)
    bright = batch()
    bright.image = 2 * bright.image + 1
    torch.testing.assert_close(
        method(per_image_standardize=True)(bright).predicted_score, scaled.predicted_score, rtol=1e-4, atol=1e-4
    )


def test_weight_decay_leaves_out_biases():
    found = method()
    decay = {
        id(p): group["weight_decay"] for group in found.configure_optimizers().param_groups for p in group["params"]
    }
    named = dict(found.named_parameters())
    assert len(decay) == len(named)
    for name, parameter in named.items():
        assert decay[id(parameter)] == (0 if name.endswith("bias") else 0.1), name


def test_weight_decay_can_hold_for_biases_too():
    groups = method(decay_biases=True).configure_optimizers().param_groups
    assert [group["weight_decay"] for group in groups] == [0.1]


def test_parts_with_a_rate_of_their_own_keep_it():
    groups = method(rates={"head.regressor": 0.5}).configure_optimizers().param_groups
    assert [(group["lr"], group["weight_decay"]) for group in groups] == [
        (0.01, 0.1), (0.01, 0.0), (0.005, 0.1), (0.005, 0.0)
    ]  # fmt: skip


@pytest.mark.parametrize("name", METHODS)
def test_every_method_is_built_from_its_yaml_and_takes_a_step(name):
    cfg = compose("train", [f"method={name}", "data=synthetic", "backbone.width=2", f"data.size={SIZE}"])
    cfg.sizes.map = [20, 4, 4]
    torch.manual_seed(0)
    found = instantiate(cfg.method, _partial_=True)(
        backbone=instantiate(cfg.backbone),
        head=instantiate(cfg.head),
        objective=Objective({key: instantiate(term) for key, term in cfg.loss.items()}),
        augment=instantiate(cfg.augment),
        metrics={key: instantiate(metric) for key, metric in cfg.metrics.items()},
        optimizer=instantiate(cfg.optimizer),
    )
    assert found.patches == PatchRule()
    dim, num_gates = METHODS[name]
    before = {key: value.clone() for key, value in found.state_dict().items()}
    optimizer = found.configure_optimizers()
    assert (optimizer.defaults["lr"], optimizer.defaults["weight_decay"]) == (1e-6, 5e-4)
    assert (optimizer.defaults["betas"], optimizer.defaults["eps"]) == ((0.9, 0.999), 1e-8)
    raw = Batch([""] * 3, torch.randint(256, (3, 3, 40, 40), dtype=torch.uint8), score=torch.tensor([0.0, 20, 63]))
    prediction = found(found.augmented(raw))
    assert prediction.feature.shape == (3, dim)
    assert prediction.gates.shape == (3, num_gates)
    found.objective(prediction, raw)[0].backward()
    optimizer.step()
    unchanged = {key for key, value in found.state_dict().items() if torch.equal(value, before[key])}
    assert unchanged == set()


def test_pixels_go_from_minus_one_to_one():
    cfg = compose("train", ["method=dlga_cnn", "data=synthetic", f"data.size={SIZE}"])
    image = torch.arange(256).repeat(12).view(1, 3, SIZE, SIZE).to(torch.uint8)
    found = instantiate(cfg.augment)(Batch([""], image)).image
    torch.testing.assert_close(found, image.float() / 127.5 - 1)


def test_the_printed_shift_is_an_option():
    cfg = compose("train", ["method=dlga_cnn", "method.patches.right_corner_dx=-16"])
    assert instantiate(cfg.method.patches) == PatchRule(right_corner_dx=-16)
    cfg = compose("train", ["method=dlga_cnn", "method.patches.corner_offset_px=14"])
    assert instantiate(cfg.method.patches) == PatchRule(corner_offset_px=14, right_corner_dx=14)


def test_the_loss_of_two_faces():
    predicted = torch.tensor([10.0, 20.0], dtype=torch.float64, requires_grad=True)
    score = torch.tensor([12.0, 17.0], dtype=torch.float64)
    prediction = method()(batch(2))
    prediction.predicted_score = predicted
    total, _ = objective()(prediction, Batch(["", ""], torch.zeros(2, 3, 1, 1), score=score))
    assert total.item() == 3.25 == ((predicted - score) ** 2).mean().item() / 2
    total.backward()
    assert predicted.grad.tolist() == [-1.0, 1.5]
    prediction.predicted_score = score
    assert objective()(prediction, Batch(["", ""], torch.zeros(2, 3, 1, 1), score=score))[0].item() == 0


def patched(faces, has_landmarks, **crop):
    """The data of a training on faces that are cropped like this, every second one with landmarks, or all."""
    store = Store(faces)
    store.has_landmarks = np.arange(len(store)) % 2 == 0 if has_landmarks == "half" else np.ones(len(store), bool)
    store.meta["options"]["crop"] |= crop
    return SimpleNamespace(store=store, split=Split(np.arange(10), np.arange(0), np.arange(10, 20), "test"))


GENERIC = SimpleNamespace(template_margin=0.1)


def test_patches_of_a_generic_face_are_told(faces):
    with pytest.warns(UserWarning, match=r"10 of 20 faces of .* have no 68 landmarks: their patches lie where a gen"):
        DLGA.check_data(GENERIC, patched(faces, "half"))


def test_crops_that_a_generic_face_does_not_fit_are_refused(faces):
    for crop, found in ({"align": "none"}, "align=none"), ({"margin": 0.3}, "margin=0.3"):
        with pytest.raises(ConfigError, match=rf"fits crops of crop.align=five_point crop.margin=0.1; .*{found}"):
            DLGA.check_data(GENERIC, patched(faces, "half", **crop))
        DLGA.check_data(GENERIC, patched(faces, "all", **crop))
