import pytest
import torch

from fercli.errors import ConfigError, DataError
from fercli.heads.embeddings import Gaussian, GloVe, Learned, OneHot, WordVectors

NAMES = ["neutral", "happiness", "sadness", "valence", "arousal"]
LINES = ["the 9 9 9", "happy 1 2 3", "happiness 8 8 8", "sad -1 0.5 2e-1", "neutral 0 0 1", "arousal 4 5 6"]


@pytest.fixture
def glove(tmp_path):
    """Write a GloVe file of some lines."""

    def write(*lines):
        file = tmp_path / "glove.txt"
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return str(file)

    return write


def test_gaussian_is_the_same_in_every_run_and_leaves_the_random_stream_alone():
    torch.manual_seed(0)
    expected = torch.randn(3)
    torch.manual_seed(0)
    first = Gaussian(4000)(NAMES)
    assert torch.equal(torch.randn(3), expected)
    assert torch.equal(first, Gaussian(4000)(NAMES))
    assert not torch.equal(first, Gaussian(4000, seed=1)(NAMES))
    assert first.shape == (5, 4000)
    assert first.mean().item() == pytest.approx(0, abs=0.03)
    assert first.std().item() == pytest.approx(0.4, abs=0.01)


def test_only_learned_embeddings_are_trained():
    assert [kind.trained for kind in (Gaussian(), Learned(), OneHot(), GloVe("x"))] == [False, True, False, False]
    assert Learned(6)(NAMES).shape == (5, 6)


def test_one_hot():
    assert OneHot(6)(NAMES).tolist() == [[float(i == j) for j in range(6)] for i in range(5)]
    with pytest.raises(ConfigError, match=r"expected head.embeddings.dim of 5 or more, one per node; found 4"):
        OneHot(4)(NAMES)


def test_glove(glove):
    found = GloVe(glove(*LINES, "valence 7 7 7", "sad 0 0 0"), dim=3)(NAMES)
    expected = [[0, 0, 1], [1, 2, 3], [-1, 0.5, 0.2], [7, 7, 7], [4, 5, 6]]
    torch.testing.assert_close(found, torch.tensor(expected))
    assert found.dtype == torch.float32


def test_other_words_for_nodes(glove):
    words = {"happiness": "the", "sadness": "Sad", "valence": "happiness"}
    found = GloVe(glove(*LINES), dim=3, words=words)(NAMES)
    assert found[1].tolist() == [9, 9, 9]
    assert found[2].tolist() == pytest.approx([-1, 0.5, 0.2])
    assert found[3].tolist() == [8, 8, 8]


def test_a_missing_file_says_how_to_get_it(tmp_path):
    with pytest.raises(
        DataError, match=r"(?s)found no file.*https://nlp.stanford.edu/projects/glove/.*embeddings.path"
    ):
        GloVe(str(tmp_path / "glove.6B.300d.txt"))(NAMES)


def test_without_a_path_vectors_are_random_ones(glove):
    torch.testing.assert_close(WordVectors(dim=3)(NAMES), Gaussian(3)(NAMES), rtol=0, atol=0)
    file = glove(*LINES)
    torch.testing.assert_close(WordVectors(file, 3)(NAMES[:1]), torch.tensor([[0.0, 0.0, 1.0]]), rtol=0, atol=0)


def test_a_missing_word_is_named(glove):
    with pytest.raises(DataError, match=r"no vector for valence; .*head.embeddings.words=\{valence: <word>\}"):
        GloVe(glove(*LINES), dim=3)(NAMES)


def test_vectors_of_another_width_are_refused(glove):
    with pytest.raises(
        DataError, match=r"expected 300 numbers after 'happy' in .*, found 3; set head.embeddings.dim=3"
    ):
        GloVe(glove(*LINES))(NAMES)
