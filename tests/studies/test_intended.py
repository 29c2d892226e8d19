import pytest

from fercli.errors import ConfigError
from fercli.protocol import FIELDS, Protocol
from fercli.studies.intended import NEVER, Intended, intends, of_source


@pytest.mark.parametrize("name", NEVER)
def test_numbers_of_two_things_never_differ_on_purpose(name):
    with pytest.raises(ConfigError, match=f"found '{name}': numbers that differ in it measure different things"):
        Intended(name, "because")


def test_a_field_that_no_protocol_has_is_refused():
    with pytest.raises(ConfigError, match=r"no field 'crops' in a protocol; .*did you mean 'crop'"):
        Intended("crops", "because")


@pytest.mark.parametrize("name", [name for name in FIELDS if name not in NEVER])
def test_of_the_fields_that_differ_those_that_are_named_are_intended(name):
    measured, printed = Protocol("RAF-DB"), Protocol("RAF-DB", **{name: "printed"})
    assert intends([], measured, printed) == {name: False}
    assert intends([Intended(name, "because")], measured, printed) == {name: True}
    assert intends([Intended(name, "because")], measured, measured) == {}


@pytest.mark.parametrize(
    ("limits", "is_intended"),
    [
        ({"measured": "dlib"}, True),
        ({"measured": "generic"}, False),
        ({"printed": "OpenFace"}, True),
        ({"printed": ""}, False),
        ({"measured": "dlib", "printed": ""}, False),
    ],
)
def test_an_entry_may_be_meant_for_one_value_alone(limits, is_intended):
    measured, printed = Protocol("AVEC2014", landmarks="dlib"), Protocol("AVEC2014", landmarks="OpenFace")
    assert intends([Intended("landmarks", "because", **limits)], measured, printed) == {"landmarks": is_intended}


def test_a_study_adds_to_what_its_source_intends():
    shared = {"dda-dacl": [{"field": "crop"}], "dlga-cnn": [{"field": "version"}]}
    assert of_source(shared, "dda-dacl", [{"field": "selection"}]) == [{"field": "crop"}, {"field": "selection"}]
    assert of_source(shared, "mine", None) == []
