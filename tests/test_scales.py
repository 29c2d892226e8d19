import math

import pytest

from fercli.catalog import choices
from fercli.config import compose, instantiate
from fercli.errors import ConfigError, DataError
from fercli.scales import BDI_II, Scale, choice_of_column, named, recorded

# Range, cut-off and bands as the publications print them: the last score of each band.
PRINTED = {
    "bdi_ii": (63, 14, {"none or minimal": 13, "mild": 19, "moderate": 28, "severe": 63}),
    "phq8": (24, 10, {"none or minimal": 4, "mild": 9, "moderate": 14, "moderately severe": 19, "severe": 24}),
    "phq9": (27, 10, {"none or minimal": 4, "mild": 9, "moderate": 14, "moderately severe": 19, "severe": 27}),
    "hamd17": (52, 8, {"none": 7, "mild": 16, "moderate": 23, "severe": 52}),
}


@pytest.mark.parametrize("name", [name for name in choices("scale") if name != "own"])
def test_every_scale_is_as_published(name):
    scale = instantiate(compose("preprocess", ["data=table", f"scale={name}"]).scale)
    high, cutoff, last = PRINTED[name]
    assert scale == named(name)
    assert (scale.low, scale.high, scale.cutoff) == (0, high, cutoff)
    ends = [*(first - 1 for first in scale.firsts[1:]), scale.high]
    assert dict(zip(scale.names, ends, strict=True)) == last
    assert scale.source


def test_a_scale_of_ones_own_comes_from_options():
    options = ["scale=own", "scale.name=GAD-7", "scale.high=21", "scale.bands={minimal: 0, severe: 15}"]
    scale = instantiate(compose("preprocess", ["data=table", *options]).scale)
    assert scale == Scale("GAD-7", 21, bands={"minimal": 0, "severe": 15})
    assert recorded(scale.document(), "x") == scale  # as a store holds it


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"high": None}, "scale.high as a whole number of points; found None: such as scale=own"),
        ({"name": None}, "scale.name as text"),
        ({"high": 20.5}, "scale.high as a whole number"),
        ({"high": math.inf}, "scale.high as a whole number"),
        ({"low": 30}, "scale.low of 0 or more, below scale.high"),
        ({"bands": {"mild": 5}}, "ascending from 0 to at most 21"),
        ({"bands": {"none": 0, "severe": 30}}, "ascending from 0 to at most 21"),
        ({"bands": {"none": 0, "mild": 8, "severe": 8}}, "ascending"),
        ({"cutoff": 0}, "scale.cutoff above 0 and at most 21"),
    ],
)
def test_what_does_not_fit_together_is_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        Scale(**{"name": "GAD-7", "high": 21} | options)


@pytest.mark.parametrize("content", [3, {"name": "PHQ-9"}, {"name": "PHQ-9", "high": -1}, {"other": 1}])
def test_a_damaged_record_is_a_data_error(content):
    with pytest.raises(DataError, match=r"dataset\.json is damaged"):
        recorded(content, "dataset.json")


def test_a_store_without_a_scale_has_scores_of_the_bdi_ii():
    assert recorded(None, "dataset.json") == BDI_II


def test_a_column_is_named_after_a_scale():
    said = {"BDI": "bdi_ii", "phq-9 total": "phq9", "PHQ8_Score": "phq8", "HAM-D": "hamd17", "score": None, "age": None}
    assert {column: choice_of_column(column) for column in said} == said
