from dataclasses import replace

import pytest

from fercli.errors import ConfigError
from fercli.studies.printed import expect_claims_follow_print, published_number, published_rows, quoted_number
from fercli.studies.study import Claim, load_study, study_from


def test_a_method_that_the_source_prints_with_several_modalities():
    stills, clips = (load_study(f"crossmodal_gcn/{name}") for name in ("table_4_9", "table_4_9_clips"))
    printed = {row.label: published_number(stills, row, "accuracy") for row in stills.rows}
    names = ("CAER-Net-S on the face", "CAER-Net-S on the context", "CAER-Net-S")
    assert [printed[name] for name in names] == [70.09, 65.65, 73.51]
    printed = {row.label: published_number(clips, row, "clip_accuracy") for row in clips.rows}
    names = ("CAER-Net on the face", "CAER-Net on the context", "CAER-Net")
    assert [printed[name] for name in names] == [74.13, 75.57, 77.04]


def test_a_row_without_a_published_method_or_metric_has_no_number(small):
    small["rows"].append({"label": "own", "overrides": []})
    study = study_from("small", small)
    gacnn, own = study.rows[2:]
    assert (published_number(study, gacnn, "accuracy"), published_number(study, gacnn, "mean_class_accuracy")) == (
        85.07,
        None,
    )
    assert published_number(study, own, "accuracy") is None


def test_the_lines_of_a_table_and_of_one_of_its_rows(small):
    study = study_from("small", small)
    assert {line["method"] for line in published_rows(study)} >= {"softmax loss", "DDA loss", "gACNN", "FSN"}
    assert [line["value"] for line in published_rows(study, study.rows[1])] == [86.90, 79.71]


def claiming(small, better, worse, metric="accuracy"):
    return study_from("small", small | {"claims": [{"better": better, "worse": worse, "metric": metric}]})


def test_a_claim_is_held_against_the_number_of_its_quoted_side(small):
    for better, worse in (("DDA", "gACNN"), ("gACNN", "DDA")):
        study = claiming(small, better, worse)
        assert quoted_number(study, study.claims[0]) == 85.07
    study = claiming(small, "DDA", "center")
    assert quoted_number(study, study.claims[0]) is None


def test_a_claim_against_a_number_that_the_source_does_not_print_is_refused(small):
    study = claiming(small, "DDA", "gACNN", "mean_class_accuracy")
    with pytest.raises(
        ConfigError,
        match="study small: a claim compares runs with the quoted row 'gACNN'; expected its published number in "
        "mean_class_accuracy, found only accuracy; name such a metric",
    ):
        quoted_number(study, study.claims[0])


def test_a_claim_that_contradicts_the_print_is_refused_unless_it_says_why(small):
    contrary = {"better": "center", "worse": "DDA", "metric": "accuracy"}
    with pytest.raises(
        ConfigError,
        match=r"study small: the claim that 'center' is better than 'DDA' in accuracy contradicts its source: "
        r"the source prints 86\.25 and 86\.9\..*against_print",
    ):
        expect_claims_follow_print(study_from("small", small | {"claims": [contrary]}))
    explained = contrary | {"against_print": "the text says so"}
    expect_claims_follow_print(study_from("small", small | {"claims": [explained]}))


def test_a_claim_that_follows_the_print_needs_no_reason(small):
    claim = {"better": "DDA", "worse": "center", "metric": "accuracy", "against_print": "the text says so"}
    with pytest.raises(ConfigError, match=r"agrees with its source.*Remove its key against_print"):
        expect_claims_follow_print(study_from("small", small | {"claims": [claim]}))


@pytest.mark.parametrize(("better", "worse", "agrees"), [("LSTM", "DLGA-CNN", False), ("DLGA-CNN", "LSTM", True)])
def test_the_smaller_error_is_the_better_one(better, worse, agrees):
    study = load_study("dlga_cnn/table_8")
    claim = Claim(better, worse, "mae")
    if agrees:
        expect_claims_follow_print(replace(study, claims=(claim,)))
    else:
        with pytest.raises(ConfigError, match="contradicts its source"):
            expect_claims_follow_print(replace(study, claims=(claim,)))


def test_a_row_without_a_printed_number_may_be_claimed_about(small):
    small["rows"].append({"label": "own", "overrides": []})
    claim = {"better": "own", "worse": "DDA", "metric": "accuracy"}
    study = study_from("small", small | {"claims": [claim]})
    assert published_number(study, study.rows[-1], "accuracy") is None
    assert expect_claims_follow_print(study) is None
