import numpy as np
import pytest

from fercli.metrics.classification import accuracy, macro_f1, mean_class_accuracy, weighted_f1


def test_scores_of_a_confusion_matrix_over_three_classes():
    """Worked out by hand: accuracy, mean class accuracy, macro F1, and F1 weighed by the size of the classes."""
    matrix = np.array([[8, 2, 0], [1, 6, 3], [0, 0, 5]])
    true, said = np.repeat(np.indices((3, 3)).reshape(2, -1), matrix.ravel(), axis=1)
    columns = (true, np.eye(3)[said])
    found = [metric(*columns) for metric in (accuracy, mean_class_accuracy, macro_f1, weighted_f1)]
    assert found == pytest.approx([0.76, 0.8, 0.759334233018, 0.757354925776], abs=1e-12)
