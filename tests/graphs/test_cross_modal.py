"""The fused feature; the numbers were worked out in NumPy."""

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from fercli.errors import ConfigError
from fercli.graphs.convolution import normalized_sums
from fercli.graphs.cross_modal import MODES, CrossModalGraph
from fercli.graphs.sampling import Bernoulli, Epsilon, Full, Sampling, TopK

R = np.sqrt(0.5)


class Given(Sampling):
    """The same mask in every pass."""

    def __init__(self, mask):
        self.mask = torch.tensor(mask, dtype=torch.float64)

    def __call__(self, similarity, noise=None):
        return similarity * self.mask


def network(sampling=None, mode="cross", variant="both", dim=2, weight=None, **options):
    """In evaluation, in float64, its weights those given or the identity."""
    built = CrossModalGraph((dim, 1, 2), sampling or Full(), variant, mode, **options).double().eval()
    for layer in built.weights.values():
        layer.weight.data = torch.eye(dim, dtype=torch.float64) if weight is None else weight.clone()
    return built


def feature(maps, *args, **options):
    return network(*args, **options)(maps).tolist()[0]


def draw(seed, num_samples=2, dim=3, size=(2, 3)):
    random = torch.Generator().manual_seed(seed)
    shape = (num_samples, dim, *size)
    return {name: torch.rand(shape, generator=random, dtype=torch.float64) for name in ("face", "context")}


def test_similarities(two):
    similarity, kept = network(Epsilon(0.8)).graph(two)
    np.testing.assert_allclose(similarity, [[[1, 0], [R, R]]], rtol=1e-9)
    np.testing.assert_allclose(kept, [[[1, 0], [0, 0]]], rtol=1e-9)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("cross", (1.646446609407, 1.207106781187, 1.5, 1.630601937482)),
        ("own", (2, 0.853553390593, 0.869398062518, 2.261203874964)),
        ("block", (1.853553390593, 1, 1.207106781187, 1.923495156295)),
    ],
)
def test_modes(two, mode, expected):
    assert feature(two, Full(), mode) == pytest.approx(expected, rel=1e-9)


def test_the_equations_step_by_step(two):
    """Mode cross: normalized matrices and graph features, printed in the specification."""
    graph = np.array([[1, 0], [R, R]])
    rows = {name: value[0, :, 0].T.numpy() for name, value in two.items()}
    face, context = (a / a.sum(1, keepdims=True) for a in (graph + np.eye(2), graph.T + np.eye(2)))
    np.testing.assert_allclose(face, [[1, 0], [0.292893218813, 0.707106781187]], rtol=1e-9)
    np.testing.assert_allclose(context, [[0.738796125036, 0.261203874964], [0, 1]], rtol=1e-9)
    heard = face @ rows["context"], context @ rows["face"]
    np.testing.assert_allclose(heard[0], [[1, 0], [0.292893218813, 1.414213562373]], rtol=1e-9)
    np.testing.assert_allclose(heard[1], [[1, 0.261203874964], [1, 1]], rtol=1e-9)
    fused = [(x + rows[name]).mean(0) for x, name in zip(heard, ("face", "context"), strict=True)]
    assert feature(two) == pytest.approx(np.concatenate(fused), rel=1e-12)


@pytest.mark.parametrize("mode", MODES)
def test_weights_of_0_leave_the_baseline(two, mode):
    expected = (1, 0.5, 0.5, 1)
    assert feature(two, mode=mode, weight=torch.zeros(2, 2, dtype=torch.float64)) == pytest.approx(expected)
    assert feature(two, mode=mode, variant="baseline") == pytest.approx(expected)


def test_a_graph_without_edges(two):
    assert feature(two, Given([[0, 0], [0, 0]])) == pytest.approx((1.5,) * 4)


@pytest.mark.parametrize("mode", MODES)
@settings(max_examples=20)
@given(seed=st.integers(0, 999))
def test_constant_maps_double(mode, seed):
    vector = torch.rand(3, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    maps = dict.fromkeys(("face", "context"), vector[None, :, None, None].expand(1, 3, 2, 3))
    assert feature(maps, mode=mode, dim=3) == pytest.approx(2 * (2 * vector).tolist(), rel=1e-12)


@pytest.mark.parametrize(("similarity", "n"), [(0.5, 4), (1, 49)])
def test_uniform_graph(similarity, n):
    """Rows of the normalized matrix, read off as what each pixel hears of unit vectors."""
    ones = torch.ones(1, n, 1, dtype=torch.float64)
    eye = torch.eye(n, dtype=torch.float64)[None]
    matrix, _ = normalized_sums(Given(similarity), ones, ones, (eye, eye))
    expected = np.full((n, n), similarity / (1 + n * similarity))
    np.fill_diagonal(expected, (1 + similarity) / (1 + n * similarity))
    np.testing.assert_allclose(matrix[0], expected, rtol=1e-9)
    np.testing.assert_allclose(matrix.sum(2), 1, rtol=1e-12)


@settings(max_examples=20)
@given(seed=st.integers(0, 999), scheme=st.sampled_from([Full(), TopK(2), Epsilon(0.7), Bernoulli()]))
def test_rows_lie_in_the_hull_of_what_is_heard(seed, scheme):
    """Means of the input before the weights, so within its range in every channel; the map itself is added."""
    maps = draw(seed)
    found = network(scheme, dim=3)(maps).reshape(2, 2, 3)
    for half, name, other in ((0, "face", "context"), (1, "context", "face")):
        heard = found[:, half] - maps[name].mean((2, 3))
        assert (heard >= maps[other].amin((2, 3)) - 1e-12).all()
        assert (heard <= maps[other].amax((2, 3)) + 1e-12).all()


INVARIANT = {
    "mode": st.sampled_from(MODES),
    "scheme": st.sampled_from([Full(), TopK(2), Epsilon(0.7), Bernoulli()]),
    "seed": st.integers(0, 999),
}


@settings(max_examples=20)
@given(**INVARIANT)
def test_invariances(mode, scheme, seed):
    maps = draw(seed)
    built = network(scheme, mode, dim=3, weight=torch.randn(3, 3, dtype=torch.float64))
    expected = built(maps)
    order = torch.randperm(6)
    moved = {name: value.flatten(2)[..., order].reshape(value.shape) for name, value in maps.items()}
    torch.testing.assert_close(built(moved), expected, rtol=0, atol=1e-12)
    scaled = {name: 3 * value for name, value in maps.items()}
    torch.testing.assert_close(built(scaled), 3 * expected, rtol=1e-12, atol=1e-12)
    one = maps | {"face": 7 * maps["face"]}
    torch.testing.assert_close(built.graph(one)[0], built.graph(maps)[0], rtol=1e-12, atol=1e-14)
    swapped = {"face": maps["context"], "context": maps["face"]}  # both directions have the same weights here
    torch.testing.assert_close(built(swapped), expected.roll(3, 1), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("mode", "same"), [("cross", False), ("own", False), ("block", True)])
def test_moving_the_pixels_of_one_map_alone(mode, same):
    maps = draw(seed=4)
    moved = maps | {"face": maps["face"].flip(3)}
    built = network(mode=mode, dim=3)
    assert torch.allclose(built(moved), built(maps), rtol=0, atol=1e-12) == same


@pytest.mark.parametrize(
    "scheme",
    [Full(), TopK(2), Epsilon(0.7), Bernoulli(), Bernoulli("sample", 3), Bernoulli("full")],
    ids=lambda scheme: f"{type(scheme).__name__} {getattr(scheme, 'eval_mode', '')}",
)
def test_in_evaluation_no_sample_depends_on_the_others(scheme):
    maps, built = draw(seed=5, num_samples=4), network(scheme, dim=3)
    alone = torch.cat([built({name: value[i : i + 1] for name, value in maps.items()}) for i in range(4)])
    torch.testing.assert_close(built(maps), alone, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(built(maps), built(maps), rtol=0, atol=0)


def test_the_expected_graph(two):
    assert feature(two, Bernoulli("expected")) == pytest.approx((1.625, 1.25, 1.5, 1.6), rel=1e-9)


MEAN = (1.616116523517, 1.267766952966, 1.5, 1.592349515630)


def test_the_mean_over_all_masks(two):
    total = np.zeros(4)
    for kept in product((0, 1), repeat=2):  # of the second face pixel; the first one's edges are certain
        probability = np.prod([R if keep else 1 - R for keep in kept])
        total += probability * np.array(feature(two, Given([[1, 0], kept])))
    np.testing.assert_allclose(total, MEAN, rtol=1e-9)
    probability = R * (1 - R)
    assert probability == pytest.approx(0.207106781187, rel=1e-9)
    expected = (1.707106781187, 1.085786437627, 1.5, 1.630601937482)
    assert feature(two, Given([[1, 0], [1, 0]])) == pytest.approx(expected, rel=1e-9)


def test_training_converges_to_the_mean_over_all_masks_and_not_to_the_expected_graph(two):
    count = 20_000
    torch.manual_seed(0)
    built = network(Bernoulli()).train().requires_grad_(False)
    found = built({name: value.expand(count, 2, 1, 2) for name, value in two.items()})
    found = found.numpy()
    assert (np.abs(found.mean(0) - MEAN) <= 4 * found.std(0) / np.sqrt(count) + 1e-12).all()
    assert found[:, 1].mean() > 1.26  # 1.25 with the expected graph


def test_draws_in_evaluation_are_averaged(two):
    """Within four standard errors, which are at most 0.15 for one draw."""
    np.testing.assert_allclose(feature(two, Bernoulli("sample", num_draws=100)), MEAN, atol=4 * 0.15 / 10)
    three = [np.array(_drawn(two, seed)) for seed in range(3)]
    assert feature(two, Bernoulli("sample", num_draws=3)) == pytest.approx(np.mean(three, 0), rel=1e-12)


def _drawn(two, seed):
    """The feature of one known draw."""
    kept = network(Bernoulli()).graph(two, seed)[1][0] > 0
    return feature(two, Given(kept.tolist()))


def test_training_draws_anew_and_repeats_with_the_seed_of_torch():
    maps, built = draw(seed=6), network(Bernoulli(), dim=3).train()
    torch.manual_seed(1)
    first, second = built(maps), built(maps)
    torch.manual_seed(1)
    assert torch.equal(built(maps), first)
    assert not torch.equal(second, first)


@pytest.mark.parametrize("stream", ["face", "context"])
def test_one_stream_hears_itself(two, stream):
    rows = two[stream][0, :, 0].T.numpy()
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    matrix = unit @ unit.T + np.eye(2)
    np.testing.assert_allclose(np.diag(matrix), 2)
    heard = matrix / matrix.sum(1, keepdims=True) @ rows
    built = network(variant=stream)
    assert built.dim == 2
    assert built({stream: two[stream]}).tolist()[0] == pytest.approx((heard + rows).mean(0), rel=1e-9)
    kept = network(Bernoulli(), variant=stream).graph({stream: two[stream]}, seed=1)[1]
    np.testing.assert_allclose(kept[0].diagonal(), 1, rtol=1e-9)


def test_each_direction_has_weights_of_its_own():
    maps, built = draw(seed=7), network(mode="block", dim=3)
    built.weights["face"].weight.data.mul_(-1)  # then ReLU leaves nothing of what the face hears
    expected = network(mode="block", dim=3)(maps)[:, 3:]
    torch.testing.assert_close(built(maps), torch.cat([maps["face"].mean((2, 3)), expected], 1))


@pytest.mark.parametrize("scheme", [Full(), TopK(3), Epsilon(0.7), Bernoulli("sample", 2)])
def test_the_size_of_the_parts_changes_nothing(scheme):
    maps = draw(seed=8)
    whole, parts = (network(scheme, dim=3, max_entries=number)(maps) for number in (2**22, 12))
    torch.testing.assert_close(whole, parts, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("variant", "dim", "num_parameters"),
    [("both", 512, 131_072), ("face", 256, 65_536), ("context", 256, 65_536), ("baseline", 512, 0)],
)
def test_sizes(variant, dim, num_parameters):
    with torch.device("meta"):
        built = CrossModalGraph((256, 7, 7), Bernoulli(), variant)
    assert built.dim == dim
    assert sum(p.numel() for p in built.parameters()) == num_parameters


def test_maps_of_different_sizes():
    maps = {"face": torch.rand(1, 3, 2, 2).double(), "context": torch.rand(1, 3, 2, 3).double()}
    assert network(mode="block", dim=3)(maps).shape == (1, 6)
    with pytest.raises(ConfigError, match=r"expected maps of one size.* found 2x2 and 2x3; use method.fusion.mode=bl"):
        network(dim=3)(maps)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"map": None}, "which the backbone does not give"),
        ({"variant": "faces"}, "no method.fusion.variant named 'faces'.*did you mean 'face'"),
        ({"mode": "crossed"}, "no method.fusion.mode named 'crossed'.*did you mean 'cross'"),
    ],
)
def test_what_does_not_exist_is_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        CrossModalGraph(**{"map": (2, 1, 2), "sampling": Full()} | options)


def test_gradient():
    maps, built = draw(seed=9, num_samples=1, dim=2, size=(1, 3)), network(TopK(2), dim=2, max_entries=3)
    inputs = [value.requires_grad_() for value in maps.values()]
    assert torch.autograd.gradcheck(lambda x, y: F.softplus(built({"face": x, "context": y})), inputs)
