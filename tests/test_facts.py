import pytest
import yaml

from fercli.catalog import CONF, choices
from fercli.config import compose
from fercli.errors import ConfigError
from fercli.facts import KEYS, Facts, packaged_facts
from fercli.published.numbers import published

ERROR = {"label": "error", "unit": "points", "higher_is_better": False, "decimals": 2, "bounds": [0, None]}
METRIC = """\
# An error of our own
worst:
  _target_: fercli.metrics.metric.Metric
  label: worst error
  unit: points
  higher_is_better: false
  decimals: 1
  bounds: [0, null]
  reads: [score, predicted_score]
  function: {_target_: fercli.metrics.affect.mae, _partial_: true}
"""


def test_facts_go_to_a_document_and_back():
    facts = Facts.of(ERROR | {"value": 3.0}, "here")
    assert facts.document() == ERROR
    assert Facts.of(facts.document(), "here") == facts


def test_a_fraction_in_percent_is_printed_as_a_hundred_times_it():
    assert [Facts.of(ERROR | {"unit": unit}, "here").scale for unit in ("%", "points", "")] == [100, 1, 1]


@pytest.mark.parametrize("key", KEYS)
def test_each_fact_is_required_and_its_meaning_told(key):
    with pytest.raises(ConfigError, match=f"^here lacks '{key}'; a metric must say label, .*: .*{key.split('_')[0]}"):
        Facts.of({name: value for name, value in ERROR.items() if name != key}, "here")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *[("label", value) for value in ("", " ", 3, None)],
        *[("unit", value) for value in (None, 1)],
        *[("higher_is_better", value) for value in ("yes", 1, None)],
        *[("decimals", value) for value in (-1, 11, 2.0, True, "2")],
        *[("bounds", value) for value in ([0], [1, 0], [0, 0], "01", [0, "1"], 3, None, [False, True])],
    ],
)
def test_a_fact_of_the_wrong_kind_is_refused(key, value):
    with pytest.raises(ConfigError, match=f"^here: expected .*; found {key}: "):
        Facts.of(ERROR | {key: value}, "here")


@pytest.mark.parametrize(
    ("bounds", "inside", "outside", "words"),
    [
        ([0, 1], (0, 1, 1 + 1e-12), (-0.01, 1.01), "0 to 1"),
        ([0, None], (0, 1e9), (-1,), "at least 0"),
        ([None, 63], (-5, 63), (64,), "at most 63"),
        ([None, None], (-1e9, 1e9), (), "any number"),
    ],
)
def test_bounds(bounds, inside, outside, words):
    facts = Facts.of(ERROR | {"bounds": bounds}, "here")
    assert all(map(facts.allows, inside))
    assert not any(map(facts.allows, outside))
    assert facts.range == words


def test_every_metric_that_comes_with_fercli_or_is_published_says_what_it_is():
    files = [yaml.safe_load((CONF / f"metrics/{name}.yaml").read_text()) for name in choices("metrics")]
    assert {name for file in files for name in file} | set(published()["metric"]) <= packaged_facts().keys()


@pytest.fixture
def own(tmp_path):
    """Write a metric of a user's own, with one line left out; gives the folder."""

    def write(without=""):
        (tmp_path / "metrics").mkdir(exist_ok=True)
        lines = [line for line in METRIC.splitlines() if not without or not line.strip().startswith(without)]
        (tmp_path / "metrics" / "own.yaml").write_text("\n".join(lines))
        return tmp_path

    return write


def test_a_metric_of_a_users_own_folder_is_as_good_as_any(own):
    cfg = compose("train", ["metrics=[expression,own]"], [own()])
    assert cfg.metrics.worst.label == "worst error"


@pytest.mark.parametrize("key", KEYS)
def test_what_a_users_own_metric_lacks_is_told_with_its_file(own, key):
    folder = own(without=f"{key}:")
    with pytest.raises(ConfigError) as refused:
        compose("train", ["metrics=[expression,own]"], [folder])
    assert str(refused.value).startswith(f"{folder / 'metrics' / 'own.yaml'}: metric 'worst' lacks '{key}'; ")
