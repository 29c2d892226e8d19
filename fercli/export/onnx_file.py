"""Write the graph of a network as an ONNX file."""

import json
import logging
import warnings
from collections.abc import Mapping
from typing import Any

import torch
from torch.export import ExportedProgram

from fercli.errors import RunError
from fercli.export.resize import resized
from fercli.inference.onnx_model import MOST_BYTES, require

LIBRARIES = ("onnx", "onnxruntime", "onnxscript")
OPSET = 18  # the version of the operators; the first one with reductions as torch writes them


def require_libraries() -> None:
    """Make sure that the libraries of the extra `export` are installed.

    Raises:
        ConfigError: one is not.
    """
    for library in LIBRARIES:
        require(library)


def onnx_content(program: ExportedProgram, inputs: list[str], outputs: list[str], facts: Mapping[str, Any]) -> bytes:
    """Return the content of an ONNX file. It holds no path of this machine.

    Args:
        program: as `fercli.export.network.traced` returns it.
        inputs: names of its inputs.
        outputs: names of its outputs.
        facts: metadata, written as one JSON value for each key.

    Raises:
        RunError: the network does not fit into one file.
    """
    logs = logging.getLogger("torch.onnx")
    before = logs.level
    logs.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            written = torch.onnx.export(
                program,
                input_names=inputs,
                output_names=outputs,
                opset_version=OPSET,
                dynamo=True,
                external_data=False,
                custom_translation_table={torch.ops.aten._upsample_bilinear2d_aa.default: resized},
                verbose=False,
            )
    finally:
        logs.setLevel(before)
    assert written is not None
    model = written.model_proto
    del model.metadata_props[:]
    for node in model.graph.node:
        node.ClearField("doc_string")
        del node.metadata_props[:]  # the exporter writes where in the source code a node comes from
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer):
        del value.metadata_props[:]
    del model.graph.metadata_props[:]
    model.producer_name, model.producer_version = "fercli", facts["fercli"]
    for key, fact in facts.items():
        model.metadata_props.add(key=key, value=json.dumps(fact))
    if model.ByteSize() > MOST_BYTES:
        raise RunError(f"the network has {model.ByteSize():,} bytes, more than the {MOST_BYTES:,} of one ONNX file")
    return model.SerializeToString(deterministic=True)
