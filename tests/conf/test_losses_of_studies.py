"""No loss starts in a weaker form than its label says: parameters that hardly learn, or a margin that does not act."""

import warnings
from functools import cache

import pytest
import torch
import yaml
from torch import nn

from fercli.batch import Batch
from fercli.catalog import CONF, choices
from fercli.config import compose, instantiate, unresolved
from fercli.losses.objective import Objective
from fercli.methods.recognizer import Recognizer
from fercli.prediction import Prediction
from tests.packaged_studies import packaged_studies
from tests.terms import NUM_CLASSES, term_of

STUDIES = packaged_studies()


def learns(term):
    return isinstance(term.loss, nn.Module) and any(True for _ in term.loss.parameters())


LEARNING = ["arc_face", "cos_face", "soft_triple", "sphere_face"]


def test_the_losses_with_parameters_of_their_own():
    assert [name for name in choices("loss") if learns(term_of(name))] == LEARNING


@pytest.mark.parametrize("name", LEARNING)
def test_a_loss_with_parameters_says_at_what_rate_they_learn(name):
    """In its yaml; and that is the rate at which the optimizer moves them."""
    stated = yaml.safe_load((CONF / f"loss/{name}.yaml").read_text())[name]["rate"]
    method = Recognizer(
        nn.Linear(2, 2), nn.Linear(2, 2),
        objective=Objective({name: term_of(name)}), augment=nn.Identity(), metrics={},
        optimizer=lambda parameters: torch.optim.Adam(parameters, lr=0.01),
    )  # fmt: skip
    own = {id(parameter) for parameter in method.objective.parameters()}
    groups = method.configure_optimizers().param_groups
    rates = [group["lr"] for group in groups for parameter in group["params"] if id(parameter) in own]
    assert rates == [pytest.approx(0.01 * stated)] * len(own)


def metric_losses(cfg):
    """The terms that read the feature, by name."""
    return {
        name: term
        for name, term in cfg.loss.items()
        if term is not None and term.weight and "feature" in term_of(name).reads
    }


# Overrides that say which metric losses are trained, at which width, on which centers.
SAYING = ("experiment", "method", "loss", "head", "head.embedding_dim", "center_bank", "backbone")
OPTIONS_OF = ("loss.", "center_bank.", "backbone.", "method.fusion.")


def says(override):
    key = override.lstrip("+").partition("=")[0]
    return key in SAYING or key.startswith(OPTIONS_OF)


def rows():
    """From study to overrides: the first of all rows of all studies that differ in what `SAYING` names."""
    found: dict[tuple[str, ...], str] = {}
    for name, study in STUDIES.items():
        for row in study.trained:
            found.setdefault(tuple(filter(says, [*study.base, *row.overrides])), name)
    studies: dict[str, list[tuple[str, ...]]] = {}
    for overrides, name in found.items():
        studies.setdefault(name, []).append(overrides)
    return studies


ROWS = rows()


@cache
def backbone_dim(name, width, dim):
    with torch.device("meta"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        options = {key: value for key, value in (("width", width), ("dim", dim)) if value is not None}
        cfg = compose("train", [f"backbone={name}", *(f"backbone.{key}={value}" for key, value in options.items())])
        return instantiate(cfg.backbone).dim


def feature_dim(cfg):
    """Width of the feature that the losses of a row read."""
    if "embedding_dim" in cfg.head:
        return cfg.head.embedding_dim
    dim = backbone_dim(cfg.choices.backbone, cfg.backbone.get("width"), cfg.backbone.get("dim"))
    return 2 * dim if "fusion" in cfg.method else dim


def drawn(cfg, num_rows=80):
    """A prediction with features of standard normal numbers, and a batch with every class and score several times."""
    random, rows = torch.Generator().manual_seed(0), torch.arange(num_rows)
    feature = torch.randn(num_rows, cfg.sizes.feature_dim, generator=random).requires_grad_()
    attention = torch.rand(feature.shape, generator=random)
    affect = 2 * torch.rand(num_rows, 2, generator=random) - 1
    labels = {"expression": rows % cfg.sizes.num_classes, "score": 5.0 * (rows % 8), "session": rows, "affect": affect}
    return Prediction(feature, attention=attention), Batch([str(i) for i in rows], torch.zeros(num_rows), **labels)


@pytest.mark.parametrize("study", ROWS)
def test_every_metric_loss_of_a_study_acts_from_the_start(study):
    """It has a gradient for the features at the width of the study, and its penalty on centers moves them."""
    tried = set()
    for overrides in ROWS[study]:
        cfg = compose("train", [*overrides])
        losses, parts = metric_losses(cfg), unresolved(cfg)
        key = str([{name: parts["loss"][name] for name in losses}, parts["center_bank"], parts["backbone"]])
        if not losses or key in tried:
            continue
        tried.add(key)
        cfg.sizes.num_classes, cfg.sizes.feature_dim = NUM_CLASSES, feature_dim(cfg)
        cfg.sizes.num_levels = 64
        assert cfg.sizes.feature_dim == 2 or cfg.sizes.feature_dim >= 64
        assert_active(cfg, losses)


def assert_active(cfg, losses):
    bank = instantiate(cfg.center_bank)
    for name, term in losses.items():
        objective = Objective({name: instantiate(term)}, bank)
        prediction, batch = drawn(cfg)
        objective(prediction, batch)[0].backward()
        moved = prediction.feature.grad.norm(dim=1) > 0
        # DDA loss has none, in single precision, for samples that are far nearer to their own center by chance.
        assert moved.double().mean() > (0.5 if "dda" in name else 0.9), (name, cfg.sizes.feature_dim)
        loss = objective.losses[name]
        if getattr(loss, "lambda_1", 0) and getattr(loss, "margin", 0) is not None:  # a penalty on the centers
            no_rows = torch.empty(0, cfg.sizes.feature_dim), torch.empty(0, dtype=torch.int64)
            step = loss.center_step(*no_rows, bank.centers)
            assert (step.flatten(0, -2).norm(dim=1) > 0).all(), name


def test_an_inactive_loss_is_seen():
    """As the two were before: a margin of 2 between features, or centers, that lie further apart."""
    literal = ["loss=[contrastive]", "loss.contrastive.loss.normalize=false", "loss.contrastive.loss.pairs=negative"]
    for overrides in (literal, ["loss=[euclidean_island]", "center_bank=he"]):
        cfg = compose("train", overrides)
        cfg.sizes.num_classes, cfg.sizes.feature_dim = NUM_CLASSES, 1024
        cfg.sizes.num_levels = 64
        with pytest.raises(AssertionError):
            assert_active(cfg, metric_losses(cfg))


def test_the_losses_of_many_studies_are_looked_at():
    told = {override for studies in ROWS.values() for overrides in studies for override in overrides}
    for name in ("euclidean_island", "contrastive", "soft_triple", "ranked_list", "batch_hard_triplet", "density"):
        assert any(override.startswith("loss=") and name in override for override in told)
    assert len(ROWS) > 20
