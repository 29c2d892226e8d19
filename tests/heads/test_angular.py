import pytest
import torch

from fercli.heads.angular import AngularHead
from fercli.prediction import Features


def test_scores_are_scaled_cosines():
    head = AngularHead(4, 3, scale=5)
    feature = torch.randn(6, 4)
    logits = head(Features(feature))["logits"]
    for i in range(6):
        for k in range(3):
            x, w = feature[i], head.weight[k]
            assert logits[i, k].item() == pytest.approx(5 * (x @ w / (x.norm() * w.norm())).item(), rel=1e-5)


def test_the_vectors_of_the_classes_are_its_weights():
    head = AngularHead(4, 3)
    assert head(Features(torch.randn(6, 4)))["class_vectors"] is head.weight


def test_lengths_do_not_matter():
    head, feature = AngularHead(4, 3), torch.randn(6, 4)
    expected = head(Features(feature))["logits"]
    head.weight.data *= 3
    torch.testing.assert_close(head(Features(feature / 7))["logits"], expected)


def test_a_feature_of_zeros_is_of_no_class_and_has_a_gradient():
    feature = torch.zeros(1, 4, requires_grad=True)
    head = AngularHead(4, 3)
    logits = head(Features(feature))["logits"]
    logits.logsumexp(1).sum().backward()
    assert logits.tolist() == [[0, 0, 0]]
    assert feature.grad.isfinite().all()
    assert head.weight.grad.isfinite().all()


def test_autocast_changes_nothing():
    head, feature = AngularHead(4, 3), Features(torch.randn(6, 4))
    with torch.autocast("cpu", torch.bfloat16):
        found = head(feature)["logits"]
    assert torch.equal(found, head(feature)["logits"])


def test_size():
    assert sum(p.numel() for p in AngularHead(512, 7).parameters()) == 3584
