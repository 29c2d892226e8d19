"""Memory of the graph of CMGCN for each sampling scheme: all at once, and in parts that are made again.

    python benchmarks/graph_memory.py --side 28 --dim 256 --batch 64 [--max-entries 4194304] [--device cuda]

Prints a Markdown table. `stored` is what a forward pass leaves for the backward pass, `peak` the most that is held in
both, beyond the two maps, the weights and their gradients. `at once` lets the graph be as large as it is; `parts` holds
`--max-entries` similarities. On the processor, every allocation of torch is counted by its profiler; on a GPU, its
allocator's own counters are read. Seconds are those of one pass forward and back: the processor's own time, of all
threads, or on a GPU those on the clock.
"""

import argparse
import time
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor
from torch.profiler import ProfilerActivity, profile

from fercli.graphs.cross_modal import CrossModalGraph
from fercli.graphs.sampling import Bernoulli, Epsilon, Full, TopK

MIB = 2**20
SCHEMES = {"no graph": Full(), "full": Full(), "topk": TopK(), "epsilon": Epsilon(), "bernoulli": Bernoulli()}


def allocated(work: Callable[[], Tensor | None], device: str) -> tuple[Tensor | None, int, int]:
    """The result of `work`, the bytes that it leaves, and the most that it held, beyond those held before."""
    if device == "cuda":
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        result = work()
        torch.cuda.synchronize()
        return result, torch.cuda.memory_allocated() - before, torch.cuda.max_memory_allocated() - before
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        result = work()
    events = [event for event in profiler.profiler.kineto_results.events() if event.name() == "[memory]"]
    held = most = 0
    for event in sorted(events, key=lambda event: event.start_ns()):
        held += event.nbytes()
        most = max(most, held)
    return result, held, most


def measured(network: CrossModalGraph, maps: dict[str, Tensor], device: str) -> tuple[float, float, float]:
    """MiB stored, MiB at the peak, and seconds without counting, of one pass forward and back."""

    def cleared() -> None:
        for tensor in (*network.parameters(), *maps.values()):
            tensor.grad = torch.zeros_like(tensor)

    cleared()
    output, stored, most_forward = allocated(lambda: network(maps), device)
    assert output is not None
    gradient = torch.ones_like(output)
    _, _, most_backward = allocated(partial(output.backward, gradient), device)
    del output
    cleared()
    clock = time.process_time if device == "cpu" else time.perf_counter
    begin = clock()
    network(maps).square().sum().backward()
    if device == "cuda":
        torch.cuda.synchronize()
    return stored / MIB, max(most_forward, stored + most_backward) / MIB, clock() - begin


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=28, help="height and width of the maps")
    parser.add_argument("--dim", type=int, default=256, help="channels of the maps")
    parser.add_argument("--batch", type=int, default=64, help="samples")
    parser.add_argument("--max-entries", type=int, default=2**22, help="similarities held at once in parts")
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    options = parser.parse_args()

    torch.manual_seed(0)
    shape = (options.batch, options.dim, options.side, options.side)
    maps = {name: torch.rand(shape, device=options.device).requires_grad_() for name in ("face", "context")}
    num_pixels = options.side**2
    print(f"{options.batch} maps of {options.dim}x{options.side}x{options.side}, {options.device}:", end=" ")
    print(f"one map {maps['face'].nbytes / MIB:.0f} MiB,", end=" ")
    print(f"one matrix of all similarities {4 * options.batch * num_pixels**2 / MIB:.0f} MiB in float32\n")
    print("| scheme | at once: stored | peak | s | parts: stored | peak | s |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, scheme in SCHEMES.items():
        cells = []
        for max_entries in (options.batch * num_pixels**2, options.max_entries):
            variant = "baseline" if name == "no graph" else "both"
            network = CrossModalGraph(shape[1:], scheme, variant, max_entries=max_entries).to(options.device)
            cells += ["{:.0f} MiB | {:.0f} MiB | {:.1f}".format(*measured(network, maps, options.device))]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
