"""Write the folder of an exported run."""

import json
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import torch
from torch.export import ExportedProgram

from fercli.checksums import seal
from fercli.engine.reload import reload
from fercli.engine.run_options import run_options
from fercli.errors import RunError
from fercli.export.card import model_card
from fercli.export.facts import facts_of
from fercli.export.network import run_program, traced
from fercli.export.onnx_file import onnx_content
from fercli.export.page import page_files
from fercli.export.parity import largest_difference, require_parity
from fercli.export.samples import Inputs, evaluated_inputs, evaluated_samples
from fercli.files import write_text, write_whole
from fercli.inference.model import Model
from fercli.inference.onnx_model import OnnxNetwork
from fercli.runs.folder import RunFolder, write_json

FACTS, CARD, PAGE = "model.json", "MODEL_CARD.md", "browser"
FORMATS = {"onnx": "model.onnx", "torch": "model.pt2", "safetensors": "model.safetensors"}
OBJECTIVE = "objective."  # the losses, which only a training needs

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class ExportedRun:
    """What was written.

    Attributes:
        files: name to size in bytes.
        differences: name of a file to the largest difference of its outputs from those of the run.
        num_samples: evaluated images or clips that were compared.
    """

    files: dict[str, int]
    differences: dict[str, float]
    num_samples: int


def default_folder(run: RunFolder) -> Path:
    """Return the usual folder for an exported run."""
    path = run.path.resolve()
    return Path("exports") / f"{path.parent.name}-{path.name}"


def export(
    run: RunFolder,
    target: Path,
    formats: Collection[str] = tuple(FORMATS),
    *,
    browser: Path | None = None,
    store: Path | None = None,
    trust: bool = False,
    progress: Progress = lambda done, total: None,
) -> ExportedRun:
    """Write the evaluated network of a finished run, with its facts and its model card.

    Each written network is read back and compared with that of the run on images that the run was evaluated on. Nothing
    is written if one differs.

    Args:
        target: folder, which is made; it must not exist.
        formats: keys of `FORMATS`.
        browser: folder of the npm package onnxruntime-web: write a page as well that runs the ONNX file in a browser.
        store: where the store of the run lies; None where the run found it.
        progress: of the comparison, in samples.

    Raises:
        RunError: the folder exists; the run is unfinished or damaged; a written network predicts something else.
        ConfigError: the run predicts nothing, or its network cannot be written as a graph; its configuration asks for
            code outside of fercli, and `trust` is not given; `browser` is not that package, or the network reads more
            than images.
        DataError: the store of the run is missing, or is another one.
    """
    if target.exists():
        raise RunError(f"{target} already exists; delete it, or give another --output")
    config, method, recorded = reload(run, trust=trust)
    model = Model.reloaded(run, run_options(config).inputs, method, recorded)
    data, samples = evaluated_samples(config, recorded, store)
    batches = evaluated_inputs(model, data, samples)
    contents: dict[str, bytes] = {}
    networks: dict[str, Callable[[Inputs], Any]] = {}
    facts = facts_of(model, config, recorded, data.store, list(model.said_of_black))
    page = {} if browser is None else page_files(browser, facts)
    if {"onnx", "torch"} & {*formats}:
        program = traced(model)
        if "onnx" in formats:
            inputs, outputs = list(facts["inputs"]), list(facts["outputs"])
            contents[FORMATS["onnx"]] = content = onnx_content(program, inputs, outputs, facts)
            networks[FORMATS["onnx"]] = _of_onnx(content)
        if "torch" in formats:
            contents[FORMATS["torch"]] = content = _saved(program)
            networks[FORMATS["torch"]] = _of_program(content)
    if "safetensors" in formats:
        contents[FORMATS["safetensors"]] = weights_content(method.state_dict(), facts)
    if not networks:
        batches = iter(())  # nothing is compared
    number, found = largest_difference(model, _counted(batches, len(samples), progress), *networks.values())
    differences = dict(zip(networks, found, strict=True))
    for name, difference in differences.items():
        require_parity(name, difference)
    target.mkdir(parents=True)
    for name, content in contents.items():
        write_whole(target / name, content)
    write_json(target / FACTS, facts | {"parity": {"samples": number, "largest_difference": differences}})
    if page:
        (target / PAGE).mkdir()
        for name in (FORMATS["onnx"], FACTS):
            page[name] = (target / name).read_bytes()
        for name, content in page.items():
            write_whole(target / PAGE / name, content)
    write_text(target / CARD, model_card(run, facts, recorded, data.store, number, differences))
    written = sorted(file for file in target.rglob("*") if file.is_file())
    seal(target, [file.relative_to(target).as_posix() for file in written])
    files = {file.relative_to(target).as_posix(): file.stat().st_size for file in written}
    return ExportedRun(files, differences, number)


def weights_content(state: Mapping[str, torch.Tensor], facts: Mapping[str, Any]) -> bytes:
    """Return the weights of a network, without those of its losses, as a safetensors file with facts as metadata."""
    from safetensors.torch import save

    tensors = {
        name: value.detach().cpu().contiguous().clone()  # safetensors refuses tensors that share their memory
        for name, value in state.items()
        if not name.startswith(OBJECTIVE)
    }
    return save(tensors, {key: json.dumps(fact) for key, fact in facts.items()})


def _saved(program: ExportedProgram) -> bytes:
    content = BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of weights that two layers share; the file is read back below
        torch.export.save(program, content)
    return content.getvalue()


def _of_program(content: bytes) -> Callable[[Inputs], Any]:
    program = torch.export.load(BytesIO(content))
    return lambda inputs: run_program(program, inputs)


def _of_onnx(content: bytes) -> Callable[[Inputs], Any]:
    network = OnnxNetwork(content)
    return lambda inputs: network(inputs["image"], inputs.get("context"), inputs.get("landmarks"))


def _counted(batches: Iterator[Inputs], total: int, progress: Progress) -> Iterator[Inputs]:
    done = 0
    for inputs in batches:
        yield inputs
        done += len(inputs["image"])
        progress(done, total)
