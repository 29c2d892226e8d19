import pytest

from fercli.catalog import choices, describe
from fercli.errors import ConfigError
from fercli.studies.printed import expect_claims_follow_print, published_number, quoted_number
from fercli.studies.study import load_study, parse_seeds, study_from


@pytest.mark.parametrize(
    ("text", "seeds"), [("0..4", (0, 1, 2, 3, 4)), ("0,1,2", (0, 1, 2)), ("3", (3,)), ("7, 1..2,1", (1, 2, 7))]
)
def test_seeds_as_typed(text, seeds):
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize("text", ["", "a", "4..0", "0..", "-1", "0;1"])
def test_other_seeds_are_refused(text):
    with pytest.raises(ConfigError, match=r"0\.\.4 or 0,1,2"):
        parse_seeds(text)


def test_a_row_without_overrides_is_only_quoted(small):
    study = study_from("small", small)
    assert [row.label for row in study.trained] == ["center", "DDA"]
    assert study.rows[2].overrides is None


@pytest.mark.parametrize(("better", "worse"), [("DDA", "gACNN"), ("gACNN", "DDA")])
def test_a_claim_may_name_a_quoted_row_on_one_side(small, better, worse):
    study = study_from("small", small | {"claims": [{"better": better, "worse": worse, "metric": "accuracy"}]})
    assert study.quoted(study.claims[0]).label == "gACNN"


def test_a_claim_between_trained_rows_has_no_quoted_side(small):
    study = study_from("small", small)
    assert study.quoted(study.claims[0]) is None


def test_a_label_that_yaml_reads_as_a_number_is_text(small):
    rows = [{"label": number, "overrides": []} for number in (64, 0.5)]
    claims = [{"better": 64, "worse": 0.5, "metric": "accuracy"}]
    study = study_from("small", small | {"rows": rows, "claims": claims})
    assert [row.label for row in study.rows] == ["64", "0.5"]
    assert (study.claims[0].better, study.claims[0].worse) == ("64", "0.5")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colums": ["accuracy"]}, "has the key 'colums'"),
        ({"rows": [{"label": "DDA", "override": []}]}, "did you mean 'overrides'"),
        ({"rows": [{"label": "DDA", "published": "a", "classifier": "svm"}]}, "has a classifier, and no overrides"),
        ({"rows": [{"label": "DDA"}]}, "neither overrides to run nor a published number"),
        ({"rows": [{"label": "DDA", "published": "a"}, {"label": "DDA", "published": "b"}]}, "found twice: DDA"),
        ({"claims": [{"better": "DDA", "worse": "centre", "metric": "accuracy"}]}, "did you mean 'center'"),
        ({"claims": [{"better": "gACNN", "worse": "ALT", "metric": "accuracy"}]}, "names the row 'ALT'"),
        (
            {"claims": [{"better": "gACNN", "worse": "gACNN", "metric": "accuracy"}]},
            "expected a claim to name a row with overrides to train; both 'gACNN' and 'gACNN' are only quoted",
        ),
        ({"claims": [{"better": "DDA", "worse": "center", "metric": "mcc"}]}, "names the metric 'mcc'"),
        ({"claims": [{"better": "DDA", "worse": "center"}]}, "expected the keys metric"),
        ({"rows": ["DDA"]}, r"rows: expected a list of rows, each with a label; found 'DDA' in it"),
        ({"rows": {"DDA": []}}, r"rows: expected a list of rows, each with a label; found \{'DDA': \[\]\}"),
        ({"rows": [{"label": "DDA", "overrides": "method=dda"}]}, "overrides of row 'DDA': expected a list of texts"),
        ({"claims": ["DDA > center"]}, "claims: expected a list of claims, each with better, worse and metric"),
        ({"seeds": 3}, "seeds: expected a list of whole numbers; found 3"),
        ({"seeds": ["a"]}, "seeds: expected a list of whole numbers; found 'a' in it"),
        ({"metrics": "accuracy"}, "metrics: expected a list of names of metrics; found 'accuracy'"),
        ({"rows": [{"label": "gACNN", "published": "gACNN"}], "claims": []}, "expected a row with overrides to train"),
        ({"rows": [], "claims": []}, "expected a row with overrides to train; found 0 rows"),
    ],
)
def test_a_yaml_that_means_nothing_is_refused(small, change, message):
    with pytest.raises(ConfigError, match=message):
        study_from("small", small | change)


def test_a_missing_key_is_named(small):
    del small["seeds"]
    with pytest.raises(ConfigError, match="study small: expected the keys seeds"):
        study_from("small", small)


def test_an_unknown_study_names_the_nearest():
    with pytest.raises(ConfigError, match=r"nearest of .*: dda_dacl/table_3_1, .*fercli list studies"):
        load_study("table_3_1")


def test_studies_of_the_user_are_found(tmp_path):
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "mine.yaml").write_text(
        "{title: Mine, source: me, table: '1', data: ferplus, seeds: [0], metrics: [accuracy],"
        " rows: [{label: softmax, overrides: [method=softmax]}]}"
    )
    assert load_study("mine", [tmp_path]).title == "Mine"


@pytest.mark.parametrize("name", choices("study"))
def test_every_study_loads_and_its_published_numbers_exist_and_carry_its_claims(name):
    study = load_study(name)
    assert describe("study")[name]
    for row in study.rows:
        numbers = [published_number(study, row, metric) for metric in study.metrics]
        assert (row.published is None) == (numbers == [None] * len(numbers))
    for claim in study.claims:
        assert (quoted_number(study, claim) is None) == (study.quoted(claim) is None)
    expect_claims_follow_print(study)
