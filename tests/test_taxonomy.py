import pytest

from fercli.taxonomy import EXPRESSIONS, SYNONYMS, canonical, class_order


def test_canonical_order():
    assert EXPRESSIONS == ("neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger", "contempt")
    assert set(SYNONYMS.values()) <= set(EXPRESSIONS)


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_a_canonical_word_is_itself_in_any_case(name):
    assert canonical(name) == canonical(name.upper()) == canonical(f" {name.title()}\n") == name


@pytest.mark.parametrize(
    ("word", "name"),
    [("Happy", "happiness"), ("Sad", "sadness"), ("angry", "anger"), ("Surprised", "surprise"), ("fearful", "fear")],
)
def test_words_of_releases(word, name):
    assert canonical(word) == name


@pytest.mark.parametrize("word", ["7", "Compound Smile", "happyness"])
def test_a_word_that_is_no_expression_stays_as_it_is(word):
    assert canonical(f" {word} ") == word


def test_expressions_come_in_canonical_order():
    assert class_order(["anger", "neutral", "happiness", "neutral"]) == ("neutral", "happiness", "anger")


def test_numbers_come_by_value():
    assert class_order(["10", "9", "0"]) == ("0", "9", "10")


def test_mixtures_are_expressions_then_numbers_then_words():
    assert class_order(["zebra", "2", "fear", "apple"]) == ("fear", "2", "apple", "zebra")
