from fercli.ops.group_names import in_order, parts_of


def test_a_description_names_columns_and_edges():
    assert parts_of("age=18,30,50") == [("age", "18,30,50")]
    assert parts_of("gender + site") == [("gender", None), ("site", None)]


def test_pairs_are_sorted_by_both_names():
    names = ["male, under 30", "female, 30 and over", "female, under 30", "male, 30 and over"]
    assert in_order(names) == ["female, under 30", "female, 30 and over", "male, under 30", "male, 30 and over"]
