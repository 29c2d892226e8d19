"""Memory of the graph of CMGCN for each sampling scheme: computed at once, and computed in parts.

    python benchmarks/graph_memory.py --side 28 --dim 256 --batch 64 [--max-entries 4194304] [--device cuda]

Prints a Markdown table. `stored` is the memory that a forward pass keeps for the backward pass. `peak` is the peak in
both passes, without the two maps, the weights and their gradients. `at once` computes the whole graph at once; `parts`
holds at most `--max-entries` similarities, and computes each part again in the backward pass. On a CPU, the profiler of
torch counts every allocation; on a GPU, the counters of the allocator are read. `s` is the time of one forward and
backward pass: on a CPU the CPU time of all threads, on a GPU the wall-clock time.
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
    """Return the result of `work`, the bytes that it leaves, and its peak, both without the bytes held before."""
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
    """Return MiB stored, MiB at the peak, and seconds (in a separate pass) of one forward and backward pass."""

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
