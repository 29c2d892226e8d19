import pytest
import torch
from torch import nn

from fercli.batch import Batch
from fercli.errors import ConfigError
from fercli.heads.label_distribution import LabelDistributionHead
from fercli.losses.histogram import HistogramLoss
from fercli.losses.objective import Objective, Term
from fercli.losses.score_distribution import ScoreKL
from fercli.ops.score_distribution import expectation
from fercli.prediction import Features, Prediction


@pytest.fixture
def features():
    return Features(torch.randn(6, 10, generator=torch.Generator().manual_seed(0)).requires_grad_())


def num_parameters(module):
    return sum(parameter.numel() for parameter in module.parameters())


def test_parameters():
    with torch.device("meta"):
        head = LabelDistributionHead(4096)
        parallel = LabelDistributionHead(4096, layout="parallel")
    assert num_parameters(head.embedding) == num_parameters(parallel.embedding) == 2_097_664
    assert num_parameters(head.levels) == 32_832
    assert num_parameters(parallel.levels) == 4096 * 64 + 64


@pytest.mark.parametrize("layout", ["serial", "parallel"])
def test_fields(features, layout):
    found = LabelDistributionHead(10, 64, 5, layout)(features)
    assert {name: tuple(value.shape) for name, value in found.items()} == {
        "feature": (6, 5),
        "score_logits": (6, 64),
        "predicted_score": (6,),
    }


def test_serial_reads_the_embedding_after_relu(features):
    head = LabelDistributionHead(10, 64, 5).eval()
    found = head(features)
    embedding = features.vector @ head.embedding.weight.T + head.embedding.bias
    torch.testing.assert_close(found["feature"], embedding)
    logits = embedding.clamp(min=0) @ head.levels.weight.T + head.levels.bias
    torch.testing.assert_close(found["score_logits"], logits)
    torch.testing.assert_close(found["predicted_score"], expectation(logits.softmax(1)))


def test_parallel_reads_the_feature(features):
    head = LabelDistributionHead(10, 64, 5, "parallel")
    expected = features.vector @ head.levels.weight.T + head.levels.bias
    torch.testing.assert_close(head(features)["score_logits"], expected)


def test_dropout_in_training_alone(features):
    head = LabelDistributionHead(10, dropout=0.5)
    assert not torch.equal(head(features)["score_logits"], head(features)["score_logits"])
    assert torch.equal(head(features)["feature"], head(features)["feature"])
    head.eval()
    assert torch.equal(head(features)["score_logits"], head(features)["score_logits"])


def test_scores_stay_on_the_scale_in_half_precision(features):
    head = LabelDistributionHead(10)
    with torch.autocast("cpu", torch.bfloat16):
        found = head(features)
    assert found["predicted_score"].dtype == torch.float32
    assert ((found["predicted_score"] >= 0) & (found["predicted_score"] <= 63)).all()


def test_argmax_is_of_evaluation_alone(features):
    head = LabelDistributionHead(10, decode="argmax")
    assert head(features)["predicted_score"].requires_grad
    found = head.eval()(features)
    assert torch.equal(found["predicted_score"], found["score_logits"].argmax(1).float())


def gradients(layout, terms):
    """Of every parameter of a backbone and the head, by name, after one step of these terms."""
    torch.manual_seed(0)
    net = nn.ModuleDict({"backbone": nn.Linear(4, 10), "head": LabelDistributionHead(10, 64, 5, layout).eval()})
    features = Features(net["backbone"](torch.randn(6, 4)))
    batch = Batch(list("abcdef"), torch.zeros(6), score=torch.tensor([0.0, 0, 9, 9, 40, 63]), session=torch.arange(6))
    Objective(terms)(Prediction(**net["head"](features)), batch)[0].backward()
    return {name: parameter.grad for name, parameter in net.named_parameters()}


@pytest.mark.parametrize("layout", ["serial", "parallel"])
def test_a_metric_loss_without_weight_leaves_the_gradients_of_label_distribution(layout):
    distribution = Term(ScoreKL())
    metric = Term(HistogramLoss("gaussian", "linear"), weight=0)
    alone, together = gradients(layout, {"a": distribution}), gradients(layout, {"a": distribution, "b": metric})
    for name, gradient in alone.items():
        assert gradient is None or torch.equal(together[name], gradient)
        assert (gradient is None) == (layout == "parallel" and name.startswith("head.embedding"))


@pytest.mark.parametrize("layout", ["serial", "parallel"])
def test_both_losses_shape_the_feature_that_both_read(layout):
    metric = {"a": Term(HistogramLoss("gaussian", "linear"))}
    found = gradients(layout, metric)
    assert found["backbone.weight"].any()
    assert found["head.embedding.weight"].any()
    assert found["head.levels.weight"] is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layout": "seriel"}, r"no head\.layout named 'seriel'.*did you mean 'serial'"),
        ({"decode": "mean"}, r"no head\.decode named 'mean'"),
        ({"num_levels": 1}, r"head\.num_levels of 2 or more, found 1"),
    ],
)
def test_what_does_not_exist_is_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        LabelDistributionHead(10, **options)
