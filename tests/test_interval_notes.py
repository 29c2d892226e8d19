from fercli.interval_notes import cautions, interval_notes


def test_few_units_are_cautioned_against_once_and_one_has_no_interval():
    assert cautions([{"subject": 10}, {}]) == []
    assert cautions([{"subject": 9}, {"subject": 9}]) == ["An interval over 9 subjects may be too narrow."]
    said = interval_notes({"accuracy": {"subject": 1}})
    assert said == ["No interval: all samples are of 1 subject."]
