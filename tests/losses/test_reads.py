"""What a loss reads comes from the parameters of its forward; for a library's loss, from its yaml."""

from functools import partial

import pytest
import torch
import yaml
from torch import nn
from torch.nn import functional as F

from fercli.catalog import CONF, choices
from fercli.config import compose, instantiate
from fercli.errors import ConfigError
from fercli.losses.center import MovesCenters
from fercli.losses.objective import Objective, Term
from fercli.losses.reads import CENTERS, FIELDS, LABELS, PREDICTED, fields_of
from tests.terms import term_of

PAIRS = "arc_face batch_hard_triplet center_local circle contrastive cos_face density generalized_lifted_structure"
PAIRS += " lifted_structure locality_preserving multi_similarity n_pair ranked_list soft_triple sphere_face triplet"
CLUSTERS = "center dda euclidean_island island local_subclass local_subclass_margin regularized_center separate"
READS = {  # the fields, in order, and the losses that read them
    "logits expression": "angular_softmax cross_entropy focal weighted_cross_entropy",
    "logits votes": "votes",
    "logits affect": "logit soft",
    "feature expression": PAIRS,
    "feature expression centers": CLUSTERS,
    "feature expression attention centers": "attentive_dda sparse_center",
    "feature expression affect": "va_center_local",
    "feature expression affect centers": "va_center",
    "feature score": "score_contrastive score_triplet",
    "feature score session": "histogram histogram_levels histogram_margin label_aware_histogram",
    "class_vectors": "regular_face",
    "centers": "regular_face_centers",
    "predicted_affect affect": "affect_mse ccc",
    "sector_logits affect": "half_bce half_mse sectors sectors_focal",
    "mask_logits mask": "mask",
    "predicted_score score": "score_euclidean score_expectation score_l1 score_mse",
    "score_logits score": "distributed_bins score_cross_entropy score_kl",
}
OF = {name: tuple(fields.split()) for fields, names in READS.items() for name in names.split()}


def test_field_names_are_unambiguous():
    assert not set(PREDICTED) & set(LABELS)
    assert CENTERS not in {*PREDICTED, *LABELS}


def test_what_each_loss_reads():
    assert {name: term_of(name).reads for name in OF} == OF


@pytest.mark.parametrize("name", choices("loss"))
def test_a_yaml_says_what_its_loss_reads_only_where_the_loss_does_not(name):
    """Of every loss, also of one that is added tomorrow."""
    term = term_of(name)
    assert set(term.reads) <= set(FIELDS)
    if "reads" in yaml.safe_load((CONF / f"loss/{name}.yaml").read_text())[name]:
        assert not type(term.loss).__module__.startswith("fercli.")
        with pytest.raises(ConfigError, match="which is not a field"):
            fields_of(term.loss)
    else:
        assert fields_of(term.loss) == term.reads


def test_the_step_of_the_centers_takes_what_the_loss_takes():
    moving = [term for term in map(term_of, choices("loss")) if isinstance(term.loss, MovesCenters)]
    assert len(moving) > 5
    assert [fields_of(term.loss.center_step) for term in moving] == [term.reads for term in moving]


class Odd(nn.Module):
    def forward(self, features, expression):
        return features.sum() + expression.sum()


class Nothing(nn.Module):
    def forward(self):
        return torch.zeros(())


def smoothed(logits, expression, *, smoothing=0.1):
    return F.cross_entropy(logits, expression, label_smoothing=smoothing)


OWN = """
spread:
  _target_: fercli.losses.objective.Term
  weight: 2.0
  loss:
    _target_: of_mine.Spread
"""
LIBRARY = """
nt_xent:
  _target_: fercli.losses.objective.Term
  reads: [feature, expression]
  loss:
    _target_: pytorch_metric_learning.losses.NTXentLoss
"""
MODULE = """
from torch import nn

class Spread(nn.Module):
    def forward(self, logits, expression):
        return logits.var() + 0 * expression.sum()
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A user's folder with two losses, one of them in a module of the user."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "of_mine.py").write_text(MODULE)
    (tmp_path / "ours/loss").mkdir(parents=True)
    (tmp_path / "ours/loss/spread.yaml").write_text(OWN)
    (tmp_path / "ours/loss/nt_xent.yaml").write_text(LIBRARY)
    return tmp_path / "ours"


def test_the_losses_of_a_user(folder, step):
    cfg = compose("train", ["loss=[spread,nt_xent]"], [folder])
    terms = {name: instantiate(term) for name, term in cfg.loss.items()}
    assert "reads" not in cfg.loss.spread
    assert terms["spread"].reads == ("logits", "expression")
    assert terms["nt_xent"].reads == ("feature", "expression")
    objective = Objective(terms)
    assert objective.reads == {"logits", "feature", "expression"}
    step.batch.expression = torch.tensor([0, 1, 0, -1])
    _, values = objective(step.prediction, step.batch)
    torch.testing.assert_close(values["spread"], step.prediction.logits[:3].var())


def test_a_library_loss_whose_yaml_does_not_say_it_is_refused(folder):
    path = folder / "loss/nt_xent.yaml"
    path.write_text(path.read_text().replace("  reads: [feature, expression]\n", ""))
    cfg = compose("train", ["loss=[nt_xent]"], [folder])
    with pytest.raises(ConfigError, match=r"^NTXentLoss.forward takes 'embeddings', which is not a field; .* reads:"):
        instantiate(cfg.loss.nt_xent)


@pytest.mark.parametrize("loss", [smoothed, partial(smoothed, smoothing=0.2)])
def test_a_function_may_have_options_by_keyword(loss):
    assert Term(loss).reads == ("logits", "expression")


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (Odd(), r"^Odd.forward takes 'features', which is not a field; rename .*; did you mean 'feature'\? "),
        (nn.MSELoss(), r"^MSELoss.forward takes 'input', which is not a field; .* or list the fields that it takes"),
        (lambda *logits: 0, "takes 'logits', which is not a field"),
        (lambda logits, gamma=2: 0, "takes 'gamma', which is not a field"),
        (lambda logits, *, expression: 0, "takes 'expression' by keyword only"),
        (Nothing(), "^Nothing.forward takes no field"),
        (torch.dot, r"^Python does not know the parameters of .*dot; list the fields"),
        (None, "expected a module or a function as loss, found None"),
    ],
)
def test_what_takes_anything_but_fields_is_refused(loss, message):
    with pytest.raises(ConfigError, match=message):
        Term(loss)


def test_reads_that_are_said_count():
    assert Term(Odd(), ["feature", "expression"]).reads == ("feature", "expression")
    assert Term(smoothed, ["score_logits", "score"]).reads == ("score_logits", "score")
