"""What a shell offers. The bash script runs in bash; those of zsh and fish run where these shells are installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fercli.catalog import choices
from tests.hostile import ACTS

HERE = Path(sys.executable).parent
ASK = """
eval "$(fercli completion bash)"
COMP_LINE="$1" COMP_POINT=${#1}
compopt() { echo "open"; }
_fercli fercli
printf '%s\\n' "${COMPREPLY[@]}"
"""


def run(program, *arguments):
    environment = os.environ | {"PATH": f"{HERE}:{os.environ['PATH']}"}
    return subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def offered(shell, monkeypatch):
    """Gives what is offered for a line, as the scripts ask for it."""

    def ask(line):
        monkeypatch.setenv("_FERCLI_COMPLETE", "complete_fish")
        monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
        monkeypatch.setenv("_TYPER_COMPLETE_ARGS", line)
        monkeypatch.setenv("COLUMNS", "1000")
        return [found.partition("\t")[0] for found in shell().out.splitlines() if found]

    return ask


def test_commands_groups_choices_options_studies(offered):
    assert offered("fercli tr") == ["train"]
    assert offered("fercli train --dr") == ["--dry-run"]
    assert offered("fercli train --resume ") == ["auto", "never"]
    assert offered("fercli train meth") == ["method="]
    assert offered("fercli train method=") == [f"method={name}" for name in choices("method")]
    assert offered("fercli train num_t") == ["num_train_rows="]
    assert offered("fercli train trainer.max") == ["trainer.max_epochs=", "trainer.max_steps="]
    assert offered("fercli train loss=[dda,isl") == ["loss=[dda,island"]
    assert offered("fercli ablate dem") == ["demo"]
    assert offered("fercli ablate demo launcher=sl") == ["launcher=slurm"]
    assert offered("fercli list meth") == ["methods"]
    assert offered("fercli options sel") == ["selection"]


def test_a_path_is_left_to_the_shell(offered):
    assert offered("fercli train store=") == []


def test_runs_are_offered_newest_first_and_none_whose_name_a_shell_would_read(offered, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for place, name in enumerate(["old", "new", "a b", *(act for act in ACTS if "/" not in act and act != "..")]):
        run_folder = tmp_path / "runs" / name / "seed0"
        run_folder.mkdir(parents=True)
        (run_folder / "config.yaml").touch()
        os.utime(run_folder / "config.yaml", (place, place))
    assert [found for found in offered("fercli eval ru") if found in ("runs/new/seed0", "runs/old/seed0")] == [
        "runs/new/seed0",
        "runs/old/seed0",
    ]
    assert not [found for found in offered("fercli eval ru") if set(found) & set(" $()`'\"\\;|&<>*?[]{}~!\n\t")]


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("fercli tr", "train\n"),
        ("fercli train meth", "open\nmethod=\n"),
        ("fercli train method=dda_p", "dda_printed\n"),
        ("fercli train store=", "\n"),
    ],
)
def test_bash_replaces_what_stands_after_the_last_sign(line, completed):
    assert run("bash", "--norc", "-c", ASK, "bash", line) == completed


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
def test_fish():
    ask = 'fercli completion fish | source; complete -C "fercli train method=dda_p"'
    assert run("fish", "--no-config", "-c", ask).startswith("method=dda_printed\t")


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
@pytest.mark.parametrize(
    ("line", "completed"),
    [("train store=stores/f", ["store=stores/faces/"]), ("predict ima", ["images/"]), ("train optim", ["optimizer="])],
)
def test_fish_offers_paths_only_where_a_path_is_expected(tmp_path, monkeypatch, line, completed):
    monkeypatch.chdir(tmp_path)
    for folder in ("stores/faces", "images", "optim_of_mine"):
        (tmp_path / folder).mkdir(parents=True)
    ask = f"fercli completion fish | source; complete -C 'fercli {line}'"
    assert [found.partition("\t")[0] for found in run("fish", "--no-config", "-c", ask).splitlines()] == completed


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
def test_zsh_takes_the_script():
    ask = 'autoload -U compinit && compinit -u -D; eval "$(fercli completion zsh)"; whence -w _fercli'
    assert run("zsh", "-f", "-c", ask) == "_fercli: function\n"


@pytest.mark.parametrize("shell_name", ["bash", "zsh", "fish"])
def test_every_script_says_how_to_load_it(shell, shell_name):
    assert f"fercli completion {shell_name}" in shell("completion", shell_name).out
