"""Options are frozen: whoever changes one changes this table, and knows that scripts of users depend on it."""

import errno
import importlib
import os
import subprocess
import sys
from importlib import metadata

import pytest
import typer

import fercli
from fercli.cli import app as module
from fercli.cli.app import app

OPTIONS = {
    "preprocess": "overrides --check --jobs --shards --cfg --config-dir --json",
    "train": "overrides --resume --dry-run --cfg --config-dir --epochs --find-lr --json",
    "audit": "store other --ids --figure --format --json",
    "labels": "store predictions --split --out --json",
    "eval": "run options --predictions --data --against --runs --seed --classifier --store --class --split --by "
    "--embedding --cutoff --prevalence --alerts --events --device --trust-config --log --config-dir --json",
    "ablate": "study overrides --all --seeds --budget --data --jobs --dry-run --time --explain --status --watch "
    "--every --collect --cancel --search --row --trials --hours --config-dir --json",
    "compare": "overrides --since --top --include --format --output --explain --figure",
    "export": "run --format --output --browser --store --trust-config --json",
    "predict": "--run paths --camera --record --out --all-faces --people --landmarks --grad-cam --no-images --device "
    "--trust-config --json --monitor --threshold --clip --window --persistence --gap --votes --negative "
    "--negative-share --severity",
    "pack": "path --output --weights --json",
    "reproduce": "pack options --store --seed --runs --check --trust-config --json",
    "verify": "paths --trust-config --json",
    "list": "kind --config-dir --json",
    "options": "name --schema --config-dir --json",
    "doctor": "--json",
    "completion": "shell",
    "runs list": "runs --method --data --study --tag --state --where --sort --reverse --json",
    "runs show": "run --json",
    "runs diff": "first second --figure --json",
    "runs tag": "run tags --remove",
    "runs note": "run text",
    "runs move": "runs target --yes",
    "runs delete": "runs --yes",
    "runs prune": "runs --yes",
}


def test_commands_and_options_are_frozen():
    commands = commands_of(typer.main.get_command(app))
    assert {name: " ".join(p.opts[0] for p in command.params) for name, command in commands.items()} == OPTIONS


def commands_of(group, prefix=""):
    """The commands of a program by the words that call them."""
    found = {}
    for name, command in group.commands.items():
        inside = getattr(command, "commands", None)
        found |= commands_of(command, f"{prefix}{name} ") if inside else {f"{prefix}{name}": command}
    return found


@pytest.mark.parametrize("command", OPTIONS)
def test_help_names_every_option(shell, command):
    outcome = shell(*command.split(), "--help")
    assert outcome.status == 0
    assert all(option in outcome.out for option in OPTIONS[command].split() if option.startswith("--"))
    assert outcome.err == ""


def test_help_names_every_command(shell):
    for help_option in ("--help", "-h"):
        outcome = shell(help_option)
        assert outcome.status == 0
        assert all(f" {command.split()[0]} " in outcome.out for command in OPTIONS)


def test_python_m_fercli_is_the_command():
    done = subprocess.run([sys.executable, "-m", "fercli", "list", "methods"], capture_output=True, text=True)
    assert done.returncode == 0
    assert "softmax" in done.stdout


def test_the_version(shell):
    assert shell("--version").out == f"fercli {metadata.version('fercli')}\n"
    assert fercli.__version__ == metadata.version("fercli")


def test_an_unknown_option_or_command_is_a_usage_error(shell):
    for arguments, named in ((["train", "--dryrun"], "--dry-run"), (["trian"], "train")):
        outcome = shell(*arguments)
        assert outcome.status == 2
        assert outcome.out == ""
        assert named in outcome.err
        assert "Traceback" not in outcome.err


def test_an_error_that_nobody_can_mend_keeps_its_traceback(shell, monkeypatch):
    monkeypatch.setattr(module, "app", None)  # raised in fercli
    with pytest.raises(TypeError):
        module.main()


def test_debug_shows_where_an_error_comes_from(monkeypatch):
    from fercli.errors import ConfigError

    monkeypatch.setattr(sys, "argv", ["fercli", "list", "metods", "--debug"])
    with pytest.raises(ConfigError, match="did you mean 'methods'"):
        module.main()


def test_ctrl_c_is_not_a_crash(shell, monkeypatch):
    def interrupt(group, conf):
        raise KeyboardInterrupt

    monkeypatch.setattr("fercli.catalog.describe", interrupt)
    outcome = shell("list")
    assert outcome.status == 130
    assert outcome.err == "interrupted\n"


def test_ctrl_c_of_a_command_that_keeps_its_work_says_so(shell, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("fercli.studies.study.load_study", interrupt)
    assert shell("ablate", "search_demo", "--dry-run").err == "interrupted; the same command continues\n"


def test_an_error_in_code_of_the_user_is_one_message_with_its_place(refused, monkeypatch, tmp_path):
    (tmp_path / "our_descriptions.py").write_text("def describe(group, conf):\n    return {}[group]\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("fercli.catalog.describe", importlib.import_module("our_descriptions").describe)
    message = refused("list")
    assert message.startswith(f"{tmp_path}/our_descriptions.py, line 2, in describe: KeyError: ")
    assert message.endswith("; --debug shows the traceback")
    monkeypatch.setattr(sys, "argv", ["fercli", "list", "--debug"])
    with pytest.raises(KeyError):
        module.main()


def test_a_full_disk_is_one_message(refused):
    message = refused("compare", "data=rafdb", "--output", "/dev/full")
    assert message == "No space left on device; free some of the disk, and give the same command again"


@pytest.mark.parametrize("number", ["EACCES", "EPERM", "EROFS", "EFBIG", "ENOSPC", "EDQUOT", "EIO", "EMFILE", "EBUSY"])
def test_an_error_of_the_operating_system_is_one_message_with_the_path(refused, monkeypatch, number):
    def fail(group, conf):
        raise OSError(getattr(errno, number), os.strerror(getattr(errno, number)), "runs/a", None, "runs/b")

    monkeypatch.setattr("fercli.catalog.describe", fail)
    message = refused("list")
    said, _, remedy = message.partition("; ")
    assert said == f"{os.strerror(getattr(errno, number))} (runs/a and runs/b)"
    assert remedy


@pytest.mark.parametrize(
    ("arguments", "continues"), [(["train"], True), (["train", "--find-lr"], False), (["ablate", "search_demo"], True)]
)
def test_a_command_that_keeps_its_work_says_so_after_an_error(refused, monkeypatch, arguments, continues):
    def fail(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("fercli.config.compose", fail)
    monkeypatch.setattr("fercli.studies.study.load_study", fail)
    assert refused(*arguments).endswith("; the same command then continues") == continues


def test_an_os_error_that_no_operating_system_raised_keeps_its_traceback(shell, monkeypatch):
    def fail(group, conf):
        raise OSError("raised by a library, without a number")

    monkeypatch.setattr("fercli.catalog.describe", fail)
    with pytest.raises(OSError, match="by a library"):
        shell("list")


def shown_at(width, name, command):
    """The help of a command in a terminal of this width, and every text in it."""
    context = command.make_context(name, [], resilient_parsing=True, terminal_width=width, max_content_width=width)
    texts = [command.help or "", *(getattr(param, "help", None) or "" for param in command.params)]
    return command.get_help(context), " ".join(texts)


@pytest.mark.parametrize("width", [80, 120])
def test_help_breaks_no_word_and_no_option(width):
    for name, command in commands_of(typer.main.get_command(app)).items():
        shown, text = shown_at(width, name, command)
        assert {*text.replace("\b", "").split()} <= {*shown.split()}, name


def test_the_sentence_beside_a_command_is_whole():
    program = typer.main.get_command(app)
    for group in (program, program.commands["runs"]):
        shown, _ = shown_at(80, "fercli", group)
        assert "..." not in shown.partition("Commands:")[2]
