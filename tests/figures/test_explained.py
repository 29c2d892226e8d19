"""`fercli predict --grad-cam` explains every method, or says at once why not."""

import pytest

from fercli.catalog import choices
from fercli.errors import ConfigError
from fercli.export.network import example
from fercli.figures import explained as module
from fercli.inference.explained import Explained, ExplainedFace
from fercli.inference.outputs import NetworkInput
from tests.small_networks import of_method

FEATURES_ALONE = ("retrieval",)
TWO_STREAMS = ("caer_net", "caer_net_s", "cmgcn_depression", "cmgcn_emotion")
SCENE_ALONE = ("whole_image",)


def explained_by(model):
    """Two predictions of a network for drawn noise, to be explained."""
    inputs = example(model, num_rows=2)
    given = [inputs.get(name) for name in ("image", "context", "landmarks")]
    found = Explained()
    for i, said in enumerate(model._outputs(model.network(*given), 2)):
        read = NetworkInput(*(None if one is None else one[i] for one in given))
        found.images.append(ExplainedFace(f"{i}.png", "face 1", said, read))
    return found


@pytest.mark.parametrize("name", [name for name in choices("method") if name not in FEATURES_ALONE])
def test_every_method_that_predicts_is_explained_by_what_it_reads(small_model, tmp_path, monkeypatch, name):
    model, drawn, draw = of_method(small_model, name), [], module.grad_cam_figure
    monkeypatch.setattr(module, "grad_cam_figure", lambda *a, **options: (drawn.append(a), draw(*a, **options))[1])
    module.require_heat(model)
    written = module.explanations(explained_by(model), model, tmp_path)
    streams = ["context"] if name in SCENE_ALONE else ["face", "context"] if name in TWO_STREAMS else ["face"]
    folders = {"face": "grad-cam", "context": "grad-cam-context"}
    assert [file.relative_to(tmp_path).parts for file in written] == [(folders[one], "images.png") for one in streams]
    answers = 1 if model.classifies else 2  # what raises a number, and what lowers it
    for images, maps, titles in drawn:
        assert len(images) == len(maps) == len(titles) == 2 * answers
        assert all(0 <= one.min() <= one.max() <= 1 for one in maps)
        assert model.classifies or any(one.any() for one in maps)  # nothing may speak for a class


@pytest.mark.parametrize("name", FEATURES_ALONE)
def test_a_method_that_predicts_nothing_is_refused(small_model, name):
    with pytest.raises(ConfigError, match="small gives features alone, and predicts nothing"):
        module.require_heat(of_method(small_model, name))


def test_the_reason_is_that_of_each_stream(small_model, monkeypatch):
    def refuse(stream, *arguments):
        raise ConfigError(f"no map of the {stream.name}")

    model = of_method(small_model, "cmgcn_emotion")
    monkeypatch.setattr(module, "stream_heat", refuse)
    with pytest.raises(ConfigError, match=r"none \(face: no map of the face; context: no map of the context\)"):
        module.require_heat(model)
