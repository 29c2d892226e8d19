from pathlib import Path

import pytest

from fercli.catalog import choices
from fercli.config import compose, plain
from fercli.errors import ConfigError
from fercli.preprocess.crops import commands_of


def test_each_crop_has_a_command_and_a_store_of_its_own():
    words = ["data=synthetic", "crops=drawn", "store=stores/crops", "data.size=48"]
    found = commands_of({"tight": ["crop.margin=0"], "gray": ["++data.channels=1"]}, words, Path("stores/crops"))
    assert found == {
        "tight": ["data=synthetic", "data.size=48", "crop.margin=0", "store=stores/crops/tight"],
        "gray": ["data=synthetic", "data.size=48", "++data.channels=1", "store=stores/crops/gray"],
    }


@pytest.mark.parametrize(
    ("crops", "words"),
    [
        ({"tight": "crop.margin=0"}, "expected crops.tight as a list of overrides"),
        ({"tight": ["crop.margin"]}, "expected crops.tight as a list of overrides"),
        ({"tight": ["data=rafdb"]}, "expected crops.tight to change how faces are cut out, found data=rafdb"),
        ({"tight": ["store=a"]}, "found store=a"),
    ],
)
def test_what_is_no_crop_is_refused(crops, words):
    with pytest.raises(ConfigError, match=words):
        commands_of(crops, [], Path("stores"))


@pytest.mark.parametrize("name", choices("crops"))
def test_every_list_composes_and_its_crops_differ(name):
    crops = plain(compose("preprocess", ["data=synthetic", f"crops={name}"]))["crops"]
    first, *others = commands_of(crops, ["data=synthetic"], Path("s")).values()
    composed = [repr(plain(compose("preprocess", words[:-1]))) for words in (first, others[0], others[-1])]
    assert len(set(composed)) == 3
