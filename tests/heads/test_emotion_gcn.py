"""Emotion-GCN; the numbers of the graph of three nodes were worked out in NumPy."""

import pickle
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from fercli.batch import FitsLabels
from fercli.errors import ConfigError, DataError
from fercli.heads.embeddings import Gaussian, GloVe, Learned, OneHot
from fercli.heads.emotion_gcn import EmotionGCNHead, graph_convolution
from fercli.ops.graph import adjacency, affect_correlation, conditional_from_bins
from fercli.prediction import Features
from tests.labels import labels_of

ADJACENCY = [[0.3, 0, 0.7], [0, 0.3, 0.7], [0.35, 0.35, 0.3]]
NODES = [[1, 0], [0, 1], [1, -1]]
WEIGHTS = [[[1, -1], [2, 0]], [[1, 0, 1], [0, 1, -1]]]
VECTORS = [[0.501, -0.151, 0.652], [0.519, -0.133, 0.652], [0.19, -0.158, 0.348]]
NEUTRAL, HAPPY, SAD = 0, 1, 2
CENTERS = np.array([[0, -0.4], [0.8, 0], [-0.6, -0.4], [0, 0.8], [-0.2, 0.6], [-0.4, 0.3], [-0.5, 0.7]])


def double(values):
    return torch.tensor(values, dtype=torch.float64)


@pytest.fixture(scope="module")
def labels():
    """700 rows of seven classes whose valence and arousal lie around a place of their own; some lack a label."""
    rng = np.random.default_rng(0)
    expression = np.arange(700) % 7
    affect = (CENTERS[expression] + 0.1 * rng.normal(size=(700, 2))).clip(-1, 1)
    affect[:10], expression[10:20] = np.nan, -1
    return labels_of(expression, affect=affect)


@pytest.fixture
def fitted(labels):
    """A small head, fitted."""

    def make(**options):
        head = EmotionGCNHead(**{"dim": 6, "num_classes": 7, "embeddings": Gaussian(5), "hidden": 8} | options)
        head.fit(labels)
        return head

    return make


@pytest.fixture
def features():
    return Features(torch.randn(4, 6, generator=torch.Generator().manual_seed(1)).requires_grad_())


def loops(graph, nodes, weights, slope):
    """Equation 6.3.6, one number at a time."""
    rows = np.array(nodes, dtype=np.float64)
    for layer, weight in enumerate(np.asarray(weight, dtype=np.float64) for weight in weights):
        heard = [
            [sum(graph[i][k] * rows[k][j] for k in range(len(rows))) for j in range(len(weight))]
            for i in range(len(rows))
        ]
        rows = np.array(
            [[sum(row[k] * weight[k][j] for k in range(len(row))) for j in range(weight.shape[1])] for row in heard]
        )
        if layer < len(weights) - 1:
            rows = np.where(rows > 0, rows, slope * rows)
    return rows


def test_three_nodes():
    graph, nodes, weights = double(ADJACENCY), double(NODES), [double(weight) for weight in WEIGHTS]
    first = graph_convolution(graph, nodes, weights[:1])
    np.testing.assert_allclose(first, [[-0.4, -1], [-0.1, -0.7], [0.75, -0.65]], rtol=1e-9)
    found = graph_convolution(graph, nodes, weights)
    np.testing.assert_allclose(found, VECTORS, rtol=1e-9)
    scores = found @ double([1, 2, 3])
    assert scores.tolist() == pytest.approx([2.155, 2.209, 0.918], rel=1e-9)
    assert F.softmax(scores[:2], 0).tolist() == pytest.approx([0.4865032795, 0.5134967205], rel=1e-9)


def test_the_transposed_graph_gives_other_vectors():
    weights = [double(weight) for weight in WEIGHTS]
    found = graph_convolution(double(ADJACENCY).T, double(NODES), weights)
    np.testing.assert_allclose(found[0], [0.627, -0.109, 0.736], rtol=1e-9)
    assert not np.allclose(found, VECTORS)


@pytest.mark.parametrize("num_layers", [1, 2, 3])
def test_loops_agree(fitted, features, num_layers):
    head = fitted(num_layers=num_layers, slope=0.1).double().requires_grad_(False)
    graph, nodes, weights = head.adjacency.numpy(), head.nodes.numpy(), [weight.numpy() for weight in head.weights]
    expected = loops(graph, nodes, weights, 0.1)
    np.testing.assert_allclose(head.vectors(), expected, rtol=1e-9)
    found = head(Features(features.vector.detach().double()))
    scores = features.vector.detach().double().numpy() @ expected.T
    np.testing.assert_allclose(found["logits"], scores[:, :7], rtol=1e-9)
    np.testing.assert_allclose(found["predicted_affect"], scores[:, 7:], rtol=1e-9)


@pytest.mark.parametrize(
    ("num_layers", "dim", "widths", "count"),
    [
        (1, 1024, [300, 1024], 307_200),
        (2, 1024, [300, 512, 1024], 677_888),
        (3, 1024, [300, 512, 512, 1024], 940_032),
        (2, 128, [300, 512, 128], 300 * 512 + 512 * 128),
    ],
)
def test_layers(num_layers, dim, widths, count):
    torch.manual_seed(0)
    head = EmotionGCNHead(dim, 7, Gaussian(300), num_layers=num_layers)
    assert [tuple(weight.shape) for weight in head.weights] == list(pairwise(widths))
    assert sum(p.numel() for p in head.parameters()) == count
    for weight in head.weights:
        limit = weight.shape[1] ** -0.5
        assert weight.abs().max() <= limit
        assert weight.std().item() == pytest.approx(limit / 3**0.5, rel=0.02)


def test_parameters_with_densenet121():
    assert 6_953_856 + sum(p.numel() for p in EmotionGCNHead(1024, 7, Gaussian(300)).parameters()) == 7_631_744


def test_shapes(fitted, features):
    head = fitted()
    found = head(features)
    shapes = {name: tuple(value.shape) for name, value in found.items()}
    assert shapes == {"logits": (4, 7), "predicted_affect": (4, 2), "class_vectors": (7, 6)}
    assert torch.equal(head.vectors()[:7], found["class_vectors"])
    assert head.vectors().shape == (9, 6)


def test_the_graph_is_that_of_the_labels(fitted, labels):
    head = fitted(tau=0.2, p=0.4).double()
    correlation = affect_correlation(labels.expression, labels.affect, 7)
    np.testing.assert_allclose(head.correlation, correlation, rtol=1e-6)  # kept in float32
    np.testing.assert_allclose(head.adjacency, adjacency(correlation, 0.2, 0.4), rtol=1e-6)
    assert correlation[0, HAPPY] > 0.5 > -0.2 > correlation[0, SAD]


def test_it_is_fitted_by_the_build(fitted):
    head = fitted()
    assert isinstance(head, FitsLabels)
    assert list(head.fits) == ["expression", "affect"]


def test_a_head_that_was_not_fitted_predicts_nothing(features):
    assert EmotionGCNHead(6, 7, Gaussian(5))(features)["logits"].isnan().all()


def test_a_loaded_head_needs_no_labels_and_no_file(fitted, features, tmp_path):
    names = ["a", "b", "c", "d", "e", "f", "g"]
    file = tmp_path / "glove.txt"
    file.write_text("".join(f"{word} {i} {i}.5\n" for i, word in enumerate([*names, "valence", "arousal"])))
    head = fitted(embeddings=GloVe(str(file), 2), classes=names)
    assert head.nodes.tolist() == [[i, i + 0.5] for i in range(9)]
    file.unlink()
    other = EmotionGCNHead(6, 7, GloVe(str(file), 2), names, hidden=8).eval()
    with torch.no_grad():
        other(features)
        other.load_state_dict(head.state_dict())
        torch.testing.assert_close(other(features), head.eval()(features))


@pytest.mark.parametrize("field", ["logits", "predicted_affect"])
@pytest.mark.parametrize("num_layers", [1, 2, 3])
def test_either_loss_alone_reaches_every_layer_and_the_backbone(fitted, features, field, num_layers):
    head = fitted(num_layers=num_layers)
    head(features)[field].square().sum().backward()
    assert all(weight.grad is not None and weight.grad.any() for weight in head.weights)
    assert features.vector.grad.any()
    assert set(dict(head.named_parameters())) == {f"weights.{i}" for i in range(num_layers)}
    assert not head.adjacency.requires_grad
    assert not head.nodes.requires_grad
    assert set(dict(head.named_buffers())) == {"correlation", "adjacency", "nodes"}


def test_learned_embeddings_are_trained(fitted, features):
    head = fitted(embeddings=Learned(5))
    head(features)["logits"].square().sum().backward()
    assert isinstance(head.nodes, nn.Parameter)
    assert head.nodes.grad.any()


def test_without_a_share_of_the_neighbors_each_node_has_a_network_of_its_own(fitted):
    head = fitted(p=0)
    expected = F.leaky_relu(head.nodes @ head.weights[0], 0.2) @ head.weights[1]
    torch.testing.assert_close(head.vectors(), expected)


def test_renamed_nodes_are_renamed_vectors():
    generator = torch.Generator().manual_seed(0)
    graph, nodes = (torch.randn(5, n, generator=generator, dtype=torch.float64) for n in (5, 3))
    weights = [torch.randn(a, b, generator=generator, dtype=torch.float64) for a, b in ((3, 4), (4, 2))]
    order = torch.tensor([3, 0, 4, 1, 2])
    expected = graph_convolution(graph, nodes, weights)[order]
    torch.testing.assert_close(graph_convolution(graph[order][:, order], nodes[order], weights), expected)


def test_twins_get_the_same_classifier(fitted):
    head = fitted()
    neighbors = head.adjacency[[NEUTRAL, SAD], 7:]
    assert (neighbors > 0).all()
    with torch.no_grad():
        head.nodes[SAD] = head.nodes[NEUTRAL]
    torch.testing.assert_close(head.vectors()[SAD], head.vectors()[NEUTRAL])
    with torch.no_grad():
        head.nodes[:] = head.nodes[NEUTRAL]
    torch.testing.assert_close(head.vectors(), head.vectors()[:1].expand(9, -1))


def test_edges_between_expressions(fitted, labels):
    found = fitted(edges="expression", num_bins=3).adjacency
    correlation = affect_correlation(labels.expression, labels.affect, 7)
    conditional = conditional_from_bins(labels.expression, labels.affect, 7, 3)
    np.testing.assert_allclose(found, adjacency(correlation, conditional=conditional), rtol=1e-6)
    assert (found[:7, :7] - torch.diag(found[:7, :7].diag())).any()


def test_edges_between_expressions_from_a_table(fitted, labels, tmp_path):
    names = ["n", "h", "s", "o", "f", "d", "a"]
    order = names[::-1]
    counts = {name: dict.fromkeys(names, 0) | {name: 10} for name in names}
    counts["h"]["s"] = counts["s"]["h"] = 4
    rows = [",".join(["", *order])] + [",".join([name, *(str(counts[name][n]) for n in order)]) for name in order]
    file = tmp_path / "counts.csv"
    file.write_text("\n".join(rows))
    found = fitted(edges="expression", cooccurrences=str(file), classes=names).adjacency
    conditional = np.eye(7)
    conditional[HAPPY, SAD] = conditional[SAD, HAPPY] = 0.4
    expected = adjacency(affect_correlation(labels.expression, labels.affect, 7), conditional=conditional)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    with pytest.raises(DataError, match=r"expected the classes class 0.*as first row and first column .*, found a, d"):
        fitted(edges="expression", cooccurrences=str(file))
    with pytest.raises(DataError, match=r"expected co-occurrences of the classes in .*, found no file"):
        fitted(edges="expression", cooccurrences=str(tmp_path / "none.csv"), classes=names)


def test_vectors_are_computed_once_in_evaluation(fitted, features, monkeypatch):
    head = fitted()
    calls = []
    compute = head._compute
    monkeypatch.setattr(head, "_compute", lambda: calls.append(1) or compute())
    head.eval()
    with torch.no_grad():
        expected = head(features)
        torch.testing.assert_close(head(features), expected)
        assert len(calls) == 1
        head.weights[0].mul_(2)
        head.train()
        head.eval()
        assert not torch.equal(head(features)["logits"], expected["logits"])
        assert len(calls) == 2
        head.double()
        head(Features(features.vector.double()))
        assert len(calls) == 3
    head(Features(features.vector.double()))["logits"].sum().backward()  # with gradients, as Grad-CAM needs them
    assert head.weights[0].grad is not None


def test_a_copy_of_a_head_is_a_head(fitted, features):
    head = pickle.loads(pickle.dumps(fitted().eval()))
    with torch.no_grad():
        before = head(features)["logits"]
        head.load_state_dict({name: 2 * value for name, value in head.state_dict().items()})
        assert not torch.equal(head(features)["logits"], before)


def test_half_precision_does_not_touch_the_graph(fitted, features):
    head = fitted()
    expected = head.vectors()
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(head.vectors(), expected)
        assert head(features)["logits"].dtype == torch.bfloat16


def test_embeddings_that_do_not_fit_the_nodes(fitted):
    with pytest.raises(ConfigError, match="one per node"):
        fitted(embeddings=OneHot(8))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"edges": "bipartit"}, "no head.edges named 'bipartit'.*did you mean 'bipartite'"),
        ({"num_layers": 4}, "expected head.num_layers as 1, 2 or 3, found 4"),
    ],
)
def test_what_does_not_exist_is_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        EmotionGCNHead(6, 7, Gaussian(5), **options)
