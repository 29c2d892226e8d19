from fercli.engine.pretraining_words import pretraining
from tests.engine.test_protocol import protocol


def test_weights_are_called_as_in_print_or_by_their_file():
    assert pretraining("weights/MS1M_resnet.pth") == "MS-Celeb-1M"
    assert pretraining("kinetics") == "Kinetics-400"
    assert protocol("backbone=lenets").pretraining == "none"  # that has no weights to start from
