from fercli.printed_protocol import said


def test_a_missing_value_is_printed_as_not_said():
    assert said("") == "not said"
    assert said("ImageNet") == "ImageNet"
