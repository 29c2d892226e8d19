"""What a beginner writes wrongly into a yaml of a loss or a metric is one message with the file and what to do."""

import pytest

from fercli.config import compose
from fercli.errors import ConfigError

TERM = "{_target_: fercli.losses.objective.Term, reads: [logits, expression], loss: {_target_: our_losses.Own}}"
METRIC = (
    "{_target_: fercli.metrics.metric.Metric, label: own, unit: '', higher_is_better: true, decimals: 2, "
    "bounds: [0, 1], reads: [expression, probabilities], function: {_target_: our_metrics.own, _partial_: true}}"
)


def composed(tmp_path, group, chosen, **files):
    (tmp_path / group).mkdir()
    for name, content in files.items():
        (tmp_path / group / f"{name}.yaml").write_text(content)
    return compose("train", [f"{group}=[{chosen}]"], [tmp_path])


@pytest.mark.parametrize(
    ("group", "entry", "packaged"), [("loss", TERM, "cross_entropy"), ("metrics", METRIC, "expression")]
)
class TestOfBothGroups:
    def test_an_entry_with_a_name_of_its_own_is_composed(self, tmp_path, group, entry, packaged):
        cfg = composed(tmp_path, group, f"{packaged},own", own=f"own: {entry}")
        assert "own" in cfg[group]
        assert len(cfg[group]) > 1

    def test_a_file_without_a_name_above_its_keys(self, tmp_path, group, entry, packaged):
        content = entry.replace("'", '"')
        with pytest.raises(ConfigError, match=r"own\.yaml has no name above its keys: write 'own:' on a line before"):
            composed(tmp_path, group, f"{packaged},own", own=content)

    def test_two_files_of_one_name(self, tmp_path, group, entry, packaged):
        name = {"loss": "cross_entropy", "metrics": "accuracy"}[group]
        message = rf"{packaged}\.yaml and .*own\.yaml both hold '{name}', .* name of its own, such as 'own'"
        with pytest.raises(ConfigError, match=message):
            composed(tmp_path, group, f"{packaged},own", own=f"{name}: {entry}")

    def test_a_chosen_file_of_the_name_of_one_of_fercli_would_not_be_read(self, tmp_path, group, entry, packaged):
        message = rf"{group}.{packaged}\.yaml has the name of a file of fercli, which is used in its place; rename it"
        with pytest.raises(ConfigError, match=message):
            composed(tmp_path, group, packaged, **{packaged: f"own: {entry}"})

    def test_a_file_that_changes_an_option_of_another_holds_no_entry(self, tmp_path, group, entry, packaged):
        name, option = {"loss": ("cross_entropy", "weight: 0.5"), "metrics": ("accuracy", "decimals: 1")}[group]
        cfg = composed(tmp_path, group, f"{packaged},own", own=f"{name}: {{{option}}}")
        key, value = option.split(": ")
        assert cfg[group][name][key] == float(value)


@pytest.mark.parametrize("group", ["loss", "metrics", "optimizer", "data"])
@pytest.mark.parametrize(("content", "found"), [("- 1\n", "a list"), ("3\n", "one value")])
def test_a_file_without_keys_is_refused_in_every_group(tmp_path, group, content, found):
    (tmp_path / group).mkdir()
    (tmp_path / group / "own.yaml").write_text(content)
    chosen = "[own]" if group in ("loss", "metrics") else "own"
    with pytest.raises(ConfigError, match=rf"{group}/own\.yaml of your own: expected keys with values, found {found}$"):
        compose("train", [f"{group}={chosen}"], [tmp_path])


@pytest.mark.parametrize("value", ["3", "'?'", "[1]", "???"])
@pytest.mark.parametrize(("group", "packaged"), [("loss", "cross_entropy"), ("metrics", "expression")])
def test_an_entry_without_keys_is_refused_in_a_file_and_in_an_override(tmp_path, group, packaged, value):
    with pytest.raises(ConfigError, match=rf"{group}.*own.*: expected a \w+, with keys such as"):
        composed(tmp_path, group, f"{packaged},own", own=f"own: {value}\n")
    with pytest.raises(ConfigError, match=rf"{group}.*own.*: expected a \w+, with keys such as"):
        compose("train", [f"+{group}.own={value}"])


def test_a_loss_may_be_left_out_by_null_and_a_metric_may_not(tmp_path):
    assert composed(tmp_path, "loss", "cross_entropy,own", own="own: null\n").loss.own is None
    with pytest.raises(ConfigError, match=r"metrics\.own: expected a metric, .* found null$"):
        composed(tmp_path, "metrics", "expression,own", own="own: null\n")


def test_names_are_checked_in_the_lists_of_a_method_and_for_every_group(tmp_path):
    (tmp_path / "method").mkdir()
    (tmp_path / "method" / "ours.yaml").write_text(
        "# @package _global_\ndefaults:\n  - override /loss: [cross_entropy, own]\n"
        "method: {_target_: fercli.methods.recognizer.Recognizer}\n"
    )
    (tmp_path / "loss").mkdir()
    (tmp_path / "loss" / "own.yaml").write_text(f"cross_entropy: {TERM}")
    with pytest.raises(ConfigError, match=r"both hold 'cross_entropy'"):
        compose("train", ["method=ours"], [tmp_path])
    (tmp_path / "head").mkdir()
    (tmp_path / "head" / "linear.yaml").write_text("_target_: our_heads.Own\n")
    with pytest.raises(ConfigError, match=r"head.linear\.yaml has the name of a file of fercli"):
        compose("train", ["head=linear"], [tmp_path])
    compose("train", ["head=angular"], [tmp_path])  # it is not chosen, and does no harm


def test_a_loss_that_is_no_term_is_told_what_one_is(tmp_path):
    message = r"^loss 'own' lacks loss: expected a term, with _target_: fercli\.losses\.objective\.Term, and below"
    with pytest.raises(ConfigError, match=message):
        composed(tmp_path, "loss", "own", own="own: {_target_: torch.nn.CrossEntropyLoss}")


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("metrics.accuracy.decimals=many", r"metric 'accuracy': expected decimals as a whole number"),
        ("+metrics.own={_target_: our_metrics.Own}", r"^metrics\.own lacks 'label'"),
        ("+loss.own={_target_: fercli.losses.objective.Term}", r"^loss 'own' lacks loss"),
    ],
)
def test_what_a_command_writes_of_a_metric_or_a_loss_is_checked_too(override, message):
    with pytest.raises(ConfigError, match=message):
        compose("train", [override])
