"""Commands of the book: run on drawn data, or composed where data is licensed."""

import glob
import os
import re
import runpy
import shlex
import subprocess
import sys
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml
from typer.main import get_command
from typer.testing import CliRunner

from fercli.catalog import CONF
from fercli.cli.app import app
from tests.small_networks import OWN_BACKBONE
from tests.stores import describe

ROOT = Path(__file__).parents[2]
COMPOSED = ("preprocess", "train")
RUN_ANYWAY = ("list", "compare")

FACES = ["detector=given", "data.size=32", "data.reader.num_faces=48", "data.reader.num_subjects=20"]
FACES += [
    "data.reader.balance=balanced",
    "data.reader.size=64",
    "context.keep=true",
    "context.height=40",
    "context.width=48",
]
SCENES = ["data.size=32", "data.reader.size=64", "context.height=40", "context.width=48"]

# What makes a store of drawn data small, by the name of the data set.
SMALL_STORES = {
    "synthetic": FACES,
    "synthetic_depression": [*SCENES, "data.reader.num_subjects=12", "data.reader.num_frames=16"],
    "synthetic_context": [*SCENES, "data.reader.num_images=84"],
    "synthetic_context_clips": [*SCENES, "data.reader.num_clips=35", "data.reader.num_frames=8"],
    "synthetic_items": [
        "data.size=32",
        "data.reader.size=64",
        "data.reader.num_classes=8",
        "data.reader.images_per_class=6",
    ],
}
SMALL_TRAINING = ["trainer.max_epochs=1", "num_train_rows=16", "trainer.batch_size=8", "trainer.accelerator=cpu"]
SMALL_TRAINING += ["logger=none"]
# In place of the default, ResNet-18, which has twelve times the weights to draw, write and read.
SMALL_NETWORK = ["backbone=caer_encoder", "augment.size=16"]
WITH_BACKBONE = {f"method={name}" for name in OWN_BACKBONE}


def small(command: str, arguments: list[str]) -> list[str]:
    """Options that make a command on drawn data short. A network that the command names stays."""
    if command == "preprocess":
        data = next(word.removeprefix("data=") for word in arguments if word.startswith("data="))
        return [*SMALL_STORES.get(data, []), "num_workers=0"]
    if command != "train" and (command != "ablate" or "--dry-run" in arguments):
        return []
    given = any(word.startswith("backbone=") or word in WITH_BACKBONE for word in arguments)
    return SMALL_TRAINING if given else [*SMALL_TRAINING, *SMALL_NETWORK]


def run(line: str, words: str, monkeypatch) -> None:
    """Run a command in the current folder; a command of fercli in this process, with small options."""
    program, *arguments = shlex.split(line, comments=True)
    if program == "export":
        export(os.path.expandvars(arguments[0].replace("$PWD", os.getcwd())), monkeypatch)
    elif program == "make":
        done = subprocess.run(["make", "--dry-run", *arguments], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    elif program == "python":
        python(arguments, monkeypatch)
    elif program != "fercli":
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, env=os.environ | {"PATH": path})
        assert done.returncode == 0, done.stdout + done.stderr
    else:
        arguments = [found for word in arguments for found in sorted(glob.glob(word)) or [word]]
        command = arguments[0]
        invoke([*arguments, *small(command, arguments), *shlex.split(words)])


def python(arguments: list[str], monkeypatch) -> None:
    """Run a script or a module as `python` does, but in this process, which has loaded its libraries."""
    start, words = (runpy.run_module, arguments[1:]) if arguments[0] == "-m" else (runpy.run_path, arguments)
    code: object = None
    with monkeypatch.context() as patch:
        patch.setattr(sys, "argv", words)
        patch.syspath_prepend(os.getcwd())
        try:
            start(words[0], run_name="__main__")
        except SystemExit as end:
            code = end.code
    assert not code, f"{shlex.join(words)} ends with {code}"


def makes(line: str) -> tuple[str, Path, bool] | None:
    """The name and the folder of a drawn store, and whether there are options, for a command that only makes it.

    Its options are among those of the small store, which go before them.
    """
    found = re.fullmatch(r"fercli preprocess data=(\w+) store=(\S+)((?: +\S+=\S+)*)", line)
    if not found or found[1] not in SMALL_STORES:
        return None
    options = keys(found[3].split())
    return (found[1], Path(found[2]), bool(options)) if options <= keys(SMALL_STORES[found[1]]) else None


def keys(overrides: list[str]) -> set[str]:
    return {override.partition("=")[0] for override in overrides}


def export(word: str, monkeypatch) -> None:
    """Set a variable of the environment; folders of PYTHONPATH are searched by this process, too."""
    name, _, value = word.partition("=")
    monkeypatch.setenv(name, value)
    if name == "PYTHONPATH":
        for folder in value.split(os.pathsep):
            monkeypatch.syspath_prepend(folder)


def compose(line: str) -> None:
    """Compose the options of a command whose data is licensed; where nothing is composed, parse them."""
    program, *arguments = shlex.split(re.sub(r"<[^>]*>", "named", line), comments=True)
    assert program == "fercli", f"only commands of fercli can be composed, not {program}"
    command = arguments[0]
    if command in COMPOSED and "--epochs" not in arguments:  # the options are those of a run
        invoke([*(word for word in arguments if word not in ("--dry-run", "--check")), "--cfg"])
    elif command == "ablate":
        plan(arguments)
    elif command in RUN_ANYWAY:
        invoke(arguments)
    else:
        parse(arguments)


def plan(arguments: list[str]) -> None:
    """Plan a study on a store that describes its data and holds none of it."""
    if {"--status", "--collect", "--cancel", "--all", "--explain"} & set(arguments):
        parse(arguments)
        return
    given = dict(word.split("=", 1) for word in arguments if "=" in word)
    own = [Path(arguments[place + 1]) for place, word in enumerate(arguments) if word == "--config-dir"]
    files = [folder / "study" / f"{arguments[1]}.yaml" for folder in (CONF, *own)]
    study = yaml.safe_load(next(file for file in files if file.is_file()).read_text())
    names = study.get("corpora") or [study["data"]]
    if "--data" in arguments:
        names = arguments[arguments.index("--data") + 1].split(",")
    for name in names:
        describe(Path(given.get("store", f"stores/{name}")), name=name)
    invoke([*(word for word in arguments if word != "--dry-run"), "--dry-run"])


def parse(arguments: list[str]) -> None:
    """Parse a command in a temporary folder. What it names is there: linked from this folder, or made."""
    command = get_command(app).commands[arguments[0]]
    here = Path.cwd()
    with TemporaryDirectory() as folder, chdir(folder):
        for path in (Path(word) for word in arguments[1:] if not word.startswith("-") and "=" not in word):
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists() and (here / path).exists():
                path.symlink_to(here / path)
            elif not path.exists():
                path.mkdir()
        command.make_context(f"fercli {arguments[0]}", arguments[1:])


def invoke(arguments: list[str]) -> None:
    """Run fercli in this process; anything but success is an error with what it printed."""
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
