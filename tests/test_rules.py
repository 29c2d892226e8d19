"""What the architecture promises, held against the files themselves."""

import ast
import re
import subprocess
import sys
from configparser import ConfigParser
from functools import cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "fercli"
SOURCES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
MODULES = {path.relative_to(ROOT).with_suffix("").as_posix().replace("/", "."): path for path in SOURCES}
HEAVY = ("torch", "torchvision", "timm", "pytorch_lightning", "lightning", "hydra", "omegaconf")
HEAVY += ("pandas", "numpy", "pyarrow", "cv2", "matplotlib", "scipy", "sklearn", "facenet_pytorch")
HEAVY += ("onnx", "onnxruntime", "onnxscript", "safetensors")

NETWORK_LIBRARIES = {"torch", "torchvision", "timm", "pytorch_lightning"}

# Folders of tests that mirror no folder of the package.
BESIDE = ("conf", "corpora", "docs", "fixtures", "slurm")

# Library: where alone it may be imported.
HOMES = {
    "typer": ("fercli/cli/",),
    "rich": ("fercli/cli/", "fercli/tables/", "fercli/wrapping.py"),
    "hydra": ("fercli/config.py", "fercli/composition.py", "fercli/unknown_options.py"),
    "omegaconf": ("fercli/config.py", "fercli/composition.py", "fercli/unknown_options.py"),
    "facenet_pytorch": ("fercli/preprocess/detect",),
    "onnx": ("fercli/inference/onnx_model.py", "fercli/export/"),
    "onnxruntime": ("fercli/inference/onnx_model.py",),
    "onnxscript": ("fercli/export/",),
    "safetensors": ("fercli/export/",),
    "dlib": ("fercli/preprocess/shape_predictor.py",),
}


def name_of(path):
    return path.relative_to(ROOT).as_posix()


@cache
def nodes(path):
    """All nodes of the syntax of a file."""
    return list(ast.walk(ast.parse(path.read_text())))


def imported(path):
    """Top-level packages that a file imports anywhere, also inside functions."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def tool(name, *arguments):
    """Run a development tool on the checkout."""
    command = [Path(sys.executable).parent / name, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_there_is_something_to_check():
    assert len(SOURCES) > 50
    assert len(TESTS) > 50


def test_imports_point_one_way():
    done = tool("lint-imports", "--no-cache")
    assert done.returncode == 0, done.stdout
    assert "Imports point one way KEPT" in done.stdout


def modules_imported(path):
    """The modules of fercli that a file imports anywhere; of `from fercli.a import b`, the module b where it is one."""
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("fercli"):
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            yield from (names & MODULES.keys()) or {node.module}


def test_no_module_needs_itself_in_a_circle():
    found = {name: set(modules_imported(path)) & MODULES.keys() for name, path in MODULES.items()}
    found = {name: needed - {name} for name, needed in found.items()}
    while leaves := {name for name, needed in found.items() if not needed}:
        found = {name: needed - leaves for name, needed in found.items() if name not in leaves}
    assert found == {}


def test_no_class_of_a_method_head_loss_or_launcher_is_asked_for_outside_of_its_folder():
    """What a figure or a command needs to know of them, they offer: see `methods/shown.py`, `launch/launcher.py`."""
    concrete = {}
    for folder in ("methods", "heads", "losses", "launch"):
        for path in (PACKAGE / folder).glob("*.py"):
            for node in nodes(path):
                if isinstance(node, ast.ClassDef) and "Protocol" not in map(ast.unparse, node.bases):
                    concrete[node.name] = folder
    del concrete["Method"]  # the base of all
    asked = [
        f"{name} in {name_of(path)}"
        for path in SOURCES
        for node in nodes(path)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "isinstance"
        for name in re.findall(r"\w+", ast.unparse(node.args[1]))
        if concrete.get(name, path.parent.name) != path.parent.name
    ]
    assert asked == []


def test_sizes_in_the_configuration_are_for_yaml_files():
    """Python code reads `Sizes` of `engine/sizes.py`, which alone writes them there."""
    readers = [name_of(path) for path in SOURCES if re.search(r"\b(cfg|config)\.sizes\b", path.read_text())]
    assert readers == ["fercli/engine/sizes.py"]


def names_used(path):
    """Yield what the code of a file looks up, compares with, or takes as a default."""
    for node in nodes(path):
        if isinstance(node, ast.Subscript):
            yield node.slice
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "pop"):
            yield from node.args[:1]
        elif isinstance(node, ast.Compare):
            yield from (node.left, *node.comparators)
        elif isinstance(node, ast.arguments):
            yield from (default for default in (*node.defaults, *node.kw_defaults) if default is not None)


def test_no_metric_is_known_by_its_name():
    """Code follows the facts of a metric, so that a metric of the user's own is treated like those of fercli."""
    names = {name for path in (ROOT / "conf" / "metrics").glob("*.yaml") for name in yaml.safe_load(path.read_text())}
    assert {"accuracy", "mae", "ccc"} <= names
    known = [
        f"{part.value} in {name_of(path)}"
        for path in SOURCES
        if path.parent.name != "metrics"
        for used in names_used(path)
        for part in ast.walk(used)
        if isinstance(part, ast.Constant) and part.value in names
    ]
    assert known == []


def test_style_names_and_docstrings():
    done = tool("ruff", "check", "--no-cache", ".")
    assert done.returncode == 0, done.stdout


def test_format():
    done = tool("ruff", "format", "--no-cache", "--check", ".")
    assert done.returncode == 0, done.stdout


def test_files_are_short():
    most = dict.fromkeys([*SOURCES, *TESTS], 300)
    lengths = {path: len(path.read_text().splitlines()) for path in most}
    assert {name_of(path): length for path, length in lengths.items() if length > most[path]} == {}


def test_files_are_called_what_they_hold():
    vague = {"utils", "common", "misc", "helpers"}
    parts = {name_of(path): path.relative_to(ROOT).with_suffix("").parts for path in (*SOURCES, *TESTS)}
    assert [name for name, found in parts.items() if vague & set(found)] == []


def test_a_library_is_imported_only_where_it_is_at_home():
    guests = [
        f"{library} in {name_of(path)}"
        for path in SOURCES
        for library in set(imported(path)) & set(HOMES)
        if not name_of(path).startswith(HOMES[library])
    ]
    assert guests == []


def test_relative_imports_are_not_used():
    for path in SOURCES:
        relative = [node for node in nodes(path) if isinstance(node, ast.ImportFrom) and node.level]
        assert not relative, name_of(path)


def test_every_package_on_disk_is_installed():
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    found = {name_of(path.parent).replace("/", ".") for path in SOURCES if path.name == "__init__.py"}
    found |= {"fercli.conf", "fercli.published.data"}  # mapped from conf/ and data/published/
    assert set(setup["options"]["packages"].split()) == found
    assert {path.parent for path in SOURCES} == {path.parent for path in SOURCES if path.name == "__init__.py"}


def test_tests_mirror_the_package():
    """A test file lies where the file lies that it tests."""
    places = {path.parent.relative_to(PACKAGE) for path in SOURCES} | set(map(Path, BESIDE))
    assert {path.parent.relative_to(ROOT / "tests") for path in TESTS} <= places


def loaded_by(*arguments, status=0):
    """The heavy libraries in memory after a command, in a fresh process."""
    program = f"""
import sys
sys.argv = ["fercli", *{list(arguments)}]
from fercli.cli.app import main
try:
    main()
except SystemExit as end:
    assert (end.code or 0) == {status}, end.code
print("LOADED", *sorted(set(sys.modules) & set({HEAVY})))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1].split()[1:]


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["train", "--help"],
        ["eval", "--help"],
        ["predict", "--help"],
        ["runs", "list", "--help"],
        ["reproduce", "--help"],
        ["list"],
        ["list", "methods", "--json"],
    ],
    ids=" ".join,
)
def test_help_and_lists_import_nothing_heavy(arguments):
    assert loaded_by(*arguments) == []


def test_showing_a_configuration_imports_no_torch():
    assert {"torch", "pandas", "pytorch_lightning"} & set(loaded_by("train", "--cfg")) == set()


REFUSED = {
    "eval": ["eval", "."],
    "eval of a classifier": ["eval", ".", "--classifier", "svm"],
    "predict with no run": ["predict", ".", "--run", "."],
    "predict no image": ["predict", ".", "--run", "run"],
    "a study without its data": ["ablate", "demo", "--dry-run"],  # its plan imports what a whole plan imports
}


@pytest.mark.slow
@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_run_is_refused_before_networks_are_imported(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.yaml").touch()
    assert NETWORK_LIBRARIES & set(loaded_by(*REFUSED[name], status=2)) == set()
