from fercli.audit.findings import contradictions, shared_counts, twin_counts


def test_rows_with_a_twin_are_counted_by_the_splits_of_both(twins):
    counts = {(one.split, one.twin_split): one for one in twin_counts(twins)}
    between = counts["train", "test"]
    assert (between.num_rows, between.equal_files, between.equal_pixels, between.near) == (20, 1, 2, 3)
    assert between.any == 5
    assert counts["train", "train"].equal_files == 1


def test_people_in_several_splits_are_named(twins):
    (one,) = shared_counts(twins.store)
    assert (one.field, one.splits, one.number, one.example) == ("subject", "train and test", 1, "p0")


def test_twins_with_different_labels_are_counted(twins):
    counts = {one.kind: one for one in contradictions(twins)}
    # face00 and face40, and the two equal training rows; the other twins have the class of the first
    assert (counts["equal pixels"].pairs, counts["equal pixels"].differ, counts["equal pixels"].groups) == (3, 2, 2)
    assert counts["near-duplicate"].differ == 0
