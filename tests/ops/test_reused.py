import gc
import platform
import subprocess
import sys

import pytest
import torch

from fercli.ops import reused
from fercli.ops.reused import LARGE, MOST_BLOCKS, empty_floats

SHAPE = (2, LARGE // 8)


@pytest.fixture(autouse=True)
def no_blocks(monkeypatch):
    monkeypatch.setattr(reused, "_blocks", [])


def test_memory_is_used_again_once_nothing_refers_to_it():
    first = empty_floats(SHAPE)
    place = first.data_ptr()
    del first
    assert empty_floats((LARGE // 8, 2)).data_ptr() == place
    assert empty_floats(SHAPE).data_ptr() == place


@pytest.mark.parametrize(
    "keep",
    [
        lambda tensor: tensor[1:, 5:9],
        lambda tensor: tensor.numpy()[1, 5:9],
        lambda tensor: tensor.untyped_storage(),
        lambda tensor: (torch.ones(1, requires_grad=True) * tensor[:1]).sum(),  # autograd keeps it for the gradient
        lambda tensor: torch.utils.data.default_convert({"image": tensor}),
    ],
    ids=["view", "array", "storage", "graph", "container"],
)
def test_memory_that_something_refers_to_is_left_alone(keep):
    tensor = empty_floats(SHAPE)
    place, kept = tensor.data_ptr(), keep(tensor)
    del tensor
    gc.collect()
    other = empty_floats(SHAPE)
    assert other.data_ptr() != place
    del kept, other
    gc.collect()
    assert place in {empty_floats(SHAPE).data_ptr(), *(block.ctypes.data for block, _ in reused._blocks)}


def test_few_blocks_are_kept_and_none_for_small_tensors():
    kept = [empty_floats(SHAPE) for _ in range(4)]
    assert len({tensor.data_ptr() for tensor in kept}) == 4
    assert len(reused._blocks) == MOST_BLOCKS
    assert empty_floats((3, 4)).shape == (3, 4)
    assert len(reused._blocks) == MOST_BLOCKS


PAGES = """
import ctypes, os, resource, torch
from fercli.ops.reused import keep_freed_memory

libc = ctypes.CDLL(None)
libc.prctl(41, 1, 0, 0, 0)  # no huge pages: how many there are depends on the memory of the machine

def give_back():
    libc.mallopt(-3, 2**17)  # what glibc begins with; a library that has freed a large block may have changed it

for prepare in (keep_freed_memory, give_back):
    if child := os.fork():
        os.waitpid(child, 0)
        continue
    prepare()
    for number in range(40):
        if number == 5:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        blocks = [torch.ones(5 << 20, dtype=torch.uint8) for _ in range(4)]
        del blocks
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before, flush=True)
    os._exit(0)
"""


@pytest.mark.slow
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries ignore it")
def test_intermediate_results_take_their_pages_once():
    done = subprocess.run([sys.executable, "-c", PAGES], capture_output=True, text=True, check=True)
    kept, given_back = map(int, done.stdout.split())
    assert kept < given_back / 10
