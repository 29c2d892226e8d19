import pandas as pd
import pytest

from fercli.protocol import Protocol
from fercli.published.numbers import published, repeats
from fercli.published.publications import agree, held_against_none, publications

OFFICIAL = Protocol("RAF-DB", split="test", split_rule="official", repeats="1")


def line(name="A", printed="90.00", protocol=OFFICIAL, **columns):
    given = {"source": "s", "table": "t", "file": "s.csv", "modality": "face", "reference": "[3] B et al.", "year": ""}
    return (
        given | {"name": name, "printed": printed, "protocol": protocol, "sd": None, "n": None, "doubts": ()} | columns
    )


def repeat(method="A", held=90.0, protocol=OFFICIAL, repeated=88.0):
    return {"method": method, "published": held, "protocol": protocol, "repeated": repeated}


def together(*lines, others=()):
    columns = ["method", "published", "protocol", "repeated"]
    return publications(pd.DataFrame(lines), pd.DataFrame(others, columns=columns))


def test_one_number_quoted_in_several_tables_is_one_publication_with_every_place():
    rafdb = published()[(published()["data"] == "rafdb") & (published()["metric"] == "accuracy")]
    (one,) = [one for one in publications(rafdb, repeats()) if one.name == "DLP-CNN"]
    assert one.places == ("dda-dacl.csv: Table 3.3", "dda-dacl.csv: Table 4.1", "dda-dacl.csv: text 2.2.1")
    assert (one.value, one.reference, one.year) == (84.13, "Li and Deng, IEEE TIP", 2017)


@pytest.mark.parametrize(("printed", "number"), [("90", 1), ("90.0", 1), ("90.004", 1), ("90.01", 2), ("89.99", 2)])
def test_equal_in_all_digits_that_both_print(printed, number):
    found = together(line(), line(printed=printed, table="u"))
    assert len(found) == number
    assert found[0].printed == max("90.00", printed, key=len) if number == 1 else True


def test_rounded_or_cut_off():
    assert len(together(line(printed="8.5078"), line(printed="8.50"), line(printed="8.51"))) == 1


def test_the_protocol_is_all_that_the_lines_say_and_a_contradiction_keeps_them_apart():
    classes = Protocol("RAF-DB", classes="7")
    (one,) = together(line(), line(protocol=classes))
    assert one.protocol == Protocol("RAF-DB", split="test", split_rule="official", repeats="1", classes="7")
    assert len(together(line(), line(protocol=Protocol("RAF-DB", split="validation")))) == 2


def test_modality_is_part_of_the_name_only_where_a_table_has_several():
    found = together(line(), line(printed="80.00", modality="context"), line("B", modality="image"))
    assert [one.name for one in found] == ["A (face)", "A (context)", "B"]
    assert len(together(line(), line(modality="image", source="other"))) == 1


def test_a_repeat_stands_beside_a_number_only_under_its_protocol():
    pooled = Protocol("RAF-DB", split="test", split_rule="random 60/20/20 of the pooled official parts", repeats="10")
    others = [repeat(), repeat(protocol=Protocol("RAF-DB")), repeat(protocol=pooled), repeat(held=91.0), repeat("B")]
    (one,) = together(line(), others=others)
    assert list(one.repeats.index) == [0, 1]
    assert list(held_against_none(pd.DataFrame(others), [one]).index) == [2, 3, 4]


def test_what_is_not_said_contradicts_nothing():
    assert agree(OFFICIAL, Protocol("RAF-DB"))
    assert not agree(OFFICIAL, Protocol("RAF-DB", split="validation"))


def test_doubts_deviation_and_year_are_those_of_all_lines():
    first = line(doubts=("second-hand",), year="2021")
    (one,) = together(first, line(doubts=("second-hand", "doubtful"), sd=0.3, n=5, year="2019"))
    assert (one.doubts, one.sd, one.runs, one.year) == (("second-hand", "doubtful"), 0.3, 5, 2019)
