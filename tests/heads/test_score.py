from types import SimpleNamespace

import numpy as np
import pytest
import torch

from fercli.errors import ConfigError
from fercli.heads.score import ScoreHead
from fercli.prediction import Features
from fercli.scales import named


@pytest.fixture
def features():
    return Features(100 * torch.randn(50, 6, generator=torch.Generator().manual_seed(0)))


LABELS = SimpleNamespace(score=np.array([10.0, 20.0, np.nan, 30.0]))


def fitted(**options):
    head = ScoreHead(6, **options)
    head.fit(LABELS)
    return head


def test_linear_without_hidden_layers(features):
    head = ScoreHead(6)
    expected = features.vector @ head.output.weight[0] + head.output.bias
    torch.testing.assert_close(head(features)["predicted_score"], expected)


def test_hidden_layers_with_relu_and_dropout(features):
    head = ScoreHead(6, hidden=(5, 4), dropout=0.5)
    assert not torch.equal(head(features)["predicted_score"], head(features)["predicted_score"])
    first, second = head.hidden[0], head.hidden[3]
    hidden = (features.vector @ first.weight.T + first.bias).clamp(min=0)
    hidden = (hidden @ second.weight.T + second.bias).clamp(min=0)
    found = head.eval()(features)["predicted_score"]
    torch.testing.assert_close(found, hidden @ head.output.weight[0] + head.output.bias)
    assert found.shape == (50,)


def test_parameters_of_the_head_of_dlga_cnn():
    assert sum(parameter.numel() for parameter in ScoreHead(150, (1024,)).parameters()) == 155_649


def test_the_bias_starts_at_the_mean_score():
    assert ScoreHead(6, init_output_bias=True).fits == ("score",)
    assert fitted(init_output_bias=True).output.bias.item() == 20
    found = fitted(init_output_bias=True, label_scale=63)
    assert found(Features(torch.zeros(1, 6)))["predicted_score"].item() == pytest.approx(20)


def test_labels_are_not_asked_for_without_that():
    torch.manual_seed(0)
    before = ScoreHead(6)
    torch.manual_seed(0)
    assert before.fits == ()
    assert torch.equal(fitted().output.bias, before.output.bias)


def test_the_scale_is_that_of_the_output(features):
    head = ScoreHead(6, label_scale=63)
    torch.testing.assert_close(head(features)["predicted_score"], 63 * head.output(features.vector)[:, 0])
    with pytest.raises(ConfigError, match=r"head\.label_scale above 0, found 0"):
        ScoreHead(6, label_scale=0)


def test_scores_are_clamped_in_evaluation_alone(features):
    plain, clamped = fitted(init_output_bias=True), fitted(init_output_bias=True, clamp_output=True)
    clamped.load_state_dict(plain.state_dict())
    free = plain(features)["predicted_score"]
    assert free.min() < 0
    assert free.max() > 63
    assert torch.equal(clamped(features)["predicted_score"], free)
    assert torch.equal(clamped.eval()(features)["predicted_score"], free.clamp(0, 63))
    assert torch.equal(plain.eval()(features)["predicted_score"], free)


def test_scores_are_clamped_to_the_range_of_their_scale(features):
    head = ScoreHead(6, clamp_output=True, severity_scale=named("phq9")).eval()
    torch.nn.init.constant_(head.output.bias, 40.0)
    assert (head(features)["predicted_score"] <= 27).all()
