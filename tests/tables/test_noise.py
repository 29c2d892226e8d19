from fercli.tables.noise import noise_in_words, noise_table

NOISE = {"words": "30 % symmetric (noise seed 0)", "num_rows": 9, "num_changed": 3, "counts": {}}
NOISE |= {"classes": ["joy", "fear"], "transition": [[4, 1], [2, 2]]}


def test_transitions_are_rows_by_given_and_columns_by_noisy_class():
    (block,) = noise_table({"noise": NOISE}).blocks
    values = {row.label: [cell.value for cell in row.cells.values()] for row in block.rows}
    assert values == {"joy": [4, 1, 20], "fear": [2, 2, 50]}


def test_a_run_without_noise_or_with_very_many_classes_has_no_table():
    assert noise_table({}) is None
    assert noise_table({"noise": NOISE | {"classes": [str(i) for i in range(21)]}}) is None


def test_counts_of_a_label_file_are_said():
    said = noise_in_words(NOISE | {"counts": {"used": 4, "twice": 1, "repeated": 0}})
    assert said.endswith("changed, 30 % symmetric (noise seed 0) (4 used, 1 twice).")
