import numpy as np

from fercli.figures.classified import NUM_LARGEST, largest_classes


def test_the_largest_classes_are_in_their_order():
    counts = [3, 1, 9, 2, 4, 5, 6, 7, 8, 2, 3, 3]
    largest = largest_classes(np.repeat(np.arange(12), counts), 15)
    assert len(largest) == NUM_LARGEST
    assert largest.tolist() == [0, 2, 3, 4, 5, 6, 7, 8, 10, 11]  # of two equal ones, the first
