import numpy as np

from fercli.inference.grouping import groups


def table(num, pairs, rest):
    found = np.full((num, num), rest)
    for i, j, value in pairs:
        found[i, j] = found[j, i] = value
    return found


def test_a_chain_of_similar_parts_is_one_group_and_a_weak_link_is_none():
    label = groups(table(4, [(0, 1, 0.95), (1, 2, 0.94), (2, 3, 0.92)], 0.5), np.zeros((4, 4), bool), 0.93, 0.01)
    assert label[0] == label[1] == label[2] != label[3]


def test_parts_that_are_apart_never_share_a_group_whatever_joins_them():
    rng = np.random.default_rng(0)
    for _ in range(50):
        similarity = rng.uniform(0.5, 1, (12, 12))
        similarity = np.maximum(similarity, similarity.T)
        apart = np.triu(rng.random((12, 12)) < 0.3, 1)
        apart |= apart.T
        label = groups(similarity, apart, 0.7, 0.0)
        assert len(set(label.tolist())) < 12
        assert not (apart & (label[:, None] == label)).any()


def test_who_resembles_two_who_differ_joins_neither_unless_one_is_clearly_nearer():
    apart = table(3, [(0, 1, True)], False)
    doubtful = groups(table(3, [(0, 2, 0.96), (1, 2, 0.955)], 0.5), apart, 0.93, 0.01)
    clear = groups(table(3, [(0, 2, 0.96), (1, 2, 0.94)], 0.5), apart, 0.93, 0.01)
    assert len(set(doubtful.tolist())) == 3
    assert clear[0] == clear[2] != clear[1]


def test_a_single_part_and_none():
    assert groups(np.ones((1, 1)), np.zeros((1, 1), bool), 0.9, 0.01).tolist() == [0]
    assert groups(np.zeros((0, 0)), np.zeros((0, 0), bool), 0.9, 0.01).tolist() == []
