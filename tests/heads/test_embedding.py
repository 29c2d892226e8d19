import torch

from fercli.heads.embedding import EmbeddingHead
from fercli.prediction import Features


def test_the_embedding_is_a_linear_map_of_the_feature():
    head = EmbeddingHead(5, 3)
    vector = torch.randn(4, 5)
    (found,) = head(Features(vector)).values()
    torch.testing.assert_close(found, vector @ head.weight.T + head.bias)
    assert list(head(Features(vector))) == ["feature"]
