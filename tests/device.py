"""A GPU that is not here: tensors without numbers on "cuda", and a record of every wait for them.

A GPU works beside the Python program, which only hands it the next operations. An operation that needs a number of the
GPU in Python, or a shape that depends on such a number, makes the program wait until the GPU has finished all that it
was given; then the GPU waits for the program. `Waits` names the places where this happens. Tensors of two devices in
one operation are an error, as on a GPU.
"""

import copy
import sys
import warnings
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from unittest import mock

import numpy as np
import torch
from torch._subclasses.fake_tensor import FakeCopyMode, FakeTensor, FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode

import fercli
from fercli.methods.table import PredictionTable

DEVICE = torch.device("cuda:0")
HERE = "cuda" if torch.cuda.is_available() else "cpu"
PACKAGE = Path(fercli.__file__).parent
ATEN = torch.ops.aten
CHOOSING = (ATEN.index, ATEN.index_put, ATEN.index_put_, ATEN._index_put_impl_)


class Waits(TorchDispatchMode):
    """Record every operation that waits for the device, and go on as if it had a result.

    Attributes:
        found: for each wait, the place of the last function of fercli and the operation: `losses/dda.py: item`.
    """

    def __init__(self):
        super().__init__()
        self.found: set[str] = set()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        packet = func.overloadpacket
        if packet is ATEN.cudnn_batch_norm:
            return _normalized(*args)
        if packet in RESULTS:
            if args[0].device == DEVICE:
                self._note(packet._qualified_op_name.removeprefix("aten::"))
            return RESULTS[packet](*args, **kwargs)
        if packet is ATEN._linalg_check_errors and args[0].device == DEVICE:
            self._note("errors of linalg")
        if packet is ATEN._to_copy and _waits_to_copy(args[0].device, kwargs):
            self._note(f"copy from {args[0].device.type}")
        if packet is ATEN.copy_ and args[0].device != args[1].device and args[1].dim():
            self._note(f"copy from {args[1].device.type}")
        if packet in CHOOSING and any(index is not None and index.dtype == torch.bool for index in args[1]):
            self._note("rows chosen by a mask")
            args = (args[0], _all_rows(args[1]), *args[2:])
        return func(*args, **kwargs)

    def _note(self, operation):
        self.found.add(f"{_place()}: {operation}")


def _waits_to_copy(source, kwargs):
    """Whether a copy waits: to the host always, from the host unless it says `non_blocking`."""
    target = torch.device(kwargs.get("device") or source)
    return DEVICE in (source, target) and source != target and not (target == DEVICE and kwargs.get("non_blocking"))


def _all_rows(indices):
    """In place of each mask, the indices of one entry of each of its rows."""
    found = []
    for index in indices:
        if index is not None and index.dtype == torch.bool:
            found += [index.new_zeros(len(index), dtype=torch.int64) for _ in range(index.dim())]
        else:
            found.append(index)
    return found


def _number(tensor):
    """A condition holds in fercli; what libraries ask is whether something is wrong, and nothing is."""
    if tensor.dtype == torch.bool:
        return (PACKAGE / _place(2)).exists()
    return 1.0 if tensor.dtype.is_floating_point else 1


def _places(tensor):
    return tensor.new_zeros(len(tensor), tensor.dim(), dtype=torch.int64)


def _chosen(tensor, mask):
    return tensor.new_zeros(len(mask))


def _unique(tensor, *args, **kwargs):
    index = tensor.new_zeros(tensor.shape, dtype=torch.int64)
    return tensor.flatten(), index, index.flatten()


def _counts(tensor, weights=None, minlength=0):
    return tensor.new_zeros(max(minlength, 1)) if weights is None else weights.new_zeros(max(minlength, 1))


def _repeats(tensor, output_size=None):
    return tensor.new_zeros(tensor.numel() if output_size is None else output_size)


# Operations whose result, or its shape, depends on numbers: here a mask chooses one entry of each of its rows.
RESULTS = {
    ATEN._local_scalar_dense: _number,
    ATEN.equal: lambda one, other: True,
    ATEN.nonzero: _places,
    ATEN.masked_select: _chosen,
    ATEN._unique2: _unique,
    ATEN.unique_consecutive: _unique,
    ATEN.bincount: _counts,
    ATEN.repeat_interleave: _repeats,
}


def _normalized(image, *of_channels):
    """As the mode has it, whose own rules for this operation take a hundred times as long."""
    for tensor in of_channels:
        if isinstance(tensor, torch.Tensor) and tensor.device != image.device:
            raise RuntimeError(f"a batch norm reads tensors of {image.device} and {tensor.device}")
    statistics = image.new_empty(image.shape[1], dtype=torch.float32)
    return torch.empty_like(image), statistics, statistics, image.new_empty(0, dtype=torch.uint8)


def _place(up=2):
    """The file of fercli, or of a library that it uses, from which this operation comes."""
    frame: FrameType | None = sys._getframe(up + 1)
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(PACKAGE):
            return str(path.relative_to(PACKAGE))
        for library in ("pytorch_metric_learning", "tests"):
            if library in path.parts:
                return "/".join(path.parts[path.parts.index(library) :])
        frame = frame.f_back
    return "elsewhere"


def _moved(module, fake):
    """Return a copy of a module with parameters and buffers without numbers on the device; the rest stays on the host.

    Each is made there at once: a copy of it on the host, without numbers, takes several times as long to make.
    """
    there = {}
    with fake:
        for tensor in {*module.parameters(), *module.buffers()}:
            made = torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device=DEVICE)
            is_parameter = isinstance(tensor, torch.nn.Parameter)
            there[id(tensor)] = torch.nn.Parameter(made, tensor.requires_grad) if is_parameter else made
    with FakeCopyMode(fake):
        return copy.deepcopy(module, there)


def _first_of_each_kind(optimizer):
    """Return the first parameter of each number of dimensions in each group: an optimizer treats all others alike."""
    found = {}
    for number, group in enumerate(optimizer.param_groups):
        for parameter in group["params"]:
            found.setdefault((number, parameter.dim(), parameter.dtype), parameter)
    return found.values()


# Waits that remain, by the beginning of what `Waits` says of them, with the reason.
ALLOWED = {
    "methods/table.py: copy from cuda": "metrics are computed on the host, over the whole split",
    "pytorch_metric_learning/": "the library picks pairs by conditions on distances, so their number is not known",
}


@contextmanager
def on_the_host():
    """Give zeros where tensors without numbers are asked for an array, or for the gradient of a function."""

    def grad(function, argnums=0):
        return lambda *values: function(*values) * 0 + torch.zeros_like(values[argnums])

    zeros = mock.patch.object(FakeTensor, "numpy", lambda self: np.zeros(self.shape), create=True)
    with zeros, mock.patch("torch.func.grad", grad):
        yield


def step_waits(method, batch):
    """Train a method for one step on the device, and evaluate a batch: the waits on the way.

    There is no backward pass, because autograd asks for the streams of a GPU; its operations are those of torch.

    Args:
        method: on the host; it does not change.
        batch: as a data loader gives it, on the host.
    """
    fake = FakeTensorMode(allow_non_fake_inputs=True)
    there = _moved(method, fake)
    with FakeCopyMode(fake):
        batch = copy.deepcopy(batch)
    with fake:
        configured = there.configure_optimizers()
        optimizer = configured["optimizer"] if isinstance(configured, dict) else configured
        with Waits() as waits, on_the_host():
            moved = there.train().augmented(batch.to(DEVICE))
            there.training_step(moved, 0)
            for parameter in _first_of_each_kind(optimizer):
                parameter.grad = torch.zeros_like(parameter)
            optimizer.step()
            there.objective.step_centers()
            there.zero_grad()
            with torch.no_grad():
                moved = there.eval().augmented(batch.to(DEVICE))
                table = PredictionTable()
                table.add(moved, there(moved))
    return waits.found


def require_no_waits(method, batch):
    """Fail on a wait that is not in `ALLOWED`, and on tensors of two devices."""
    waits = {wait for wait in step_waits(method, batch) if not wait.startswith(tuple(ALLOWED))}
    assert not waits, f"the host waits for the device: {', '.join(sorted(waits))}"


@contextmanager
def real_waits():
    """Collect the places that wait for a real GPU, as torch reports them; empty on a CPU."""
    found: set[str] = set()
    if HERE == "cpu":
        yield found
        return
    torch.cuda.set_sync_debug_mode("warn")
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            yield found
    finally:
        torch.cuda.set_sync_debug_mode("default")
    waits = [warning for warning in said if "synchronizing CUDA operation" in str(warning.message)]
    found |= {f"{warning.filename}:{warning.lineno}" for warning in waits if not _of_library(warning.filename)}


def _of_library(path):
    return any(f"/{name}" in path for name in ALLOWED)
