from fercli.docstrings import arguments


def test_the_arguments_of_a_class_with_those_of_its_base_in_another_module():
    found = arguments("fercli.metrics.retrieval.RetrievalMetric")
    assert found["is_share"].startswith("whether the value is the share of rows that are right. Then McNemar")


def test_the_arguments_of_a_function():
    assert arguments("fercli.metrics.retrieval.recall_at")["k"] == "number of nearest images that are looked at."


def test_other_names_have_none():
    assert arguments("torch.optim.SGD") == arguments("fercli.none.None") == arguments("fercli.errors.none") == {}
