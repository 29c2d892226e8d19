"""Memory of the graph of CMGCN for each sampling scheme: computed at once, and computed in parts.

    python -m benchmarks.graph_memory --side 28 --dim 256 --batch 64 [--max-entries 4194304] [--device cuda]

`stored` is the memory that a forward pass keeps for the backward pass. `peak` is the peak in both passes, without the
two maps, the weights and their gradients. `at once` computes the whole graph at once; `parts` holds at most
`--max-entries` similarities, and computes each part again in the backward pass. On a CPU, the profiler of torch counts
every allocation; on a GPU, the counters of the allocator are read. The time is that of one forward and backward pass,
the median over `--repeats`: on a CPU the CPU time of all threads, on a GPU the wall-clock time.
"""

from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor
from torch.profiler import ProfilerActivity, profile

from benchmarks import measure
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


def measured(
    network: CrossModalGraph, maps: dict[str, Tensor], device: str, repeats: int
) -> tuple[float, float, float]:
    """Return MiB stored, MiB at the peak, and seconds (in separate passes) of one forward and backward pass."""
    for tensor in (*network.parameters(), *maps.values()):
        tensor.grad = torch.zeros_like(tensor)  # gradients are held before the passes, and only added to
    output, stored, most_forward = allocated(lambda: network(maps), device)
    assert output is not None
    gradient = torch.ones_like(output)
    _, _, most_backward = allocated(partial(output.backward, gradient), device)
    del output
    took = measure.timed(lambda: network(maps).square().sum().backward(), repeats)
    return stored / MIB, max(most_forward, stored + most_backward) / MIB, took.on(device)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = measure.parser_of(__spec__.name, __doc__, 1, "forward and backward passes")
    parser.add_argument("--side", type=measure.positive, default=28, help="height and width of the maps")
    parser.add_argument("--dim", type=measure.positive, default=256, help="channels of the maps")
    parser.add_argument("--batch", type=measure.positive, default=64, help="samples")
    parser.add_argument(
        "--max-entries", type=measure.positive, default=2**22, help="similarities held at once in parts"
    )
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    options = parser.parse_args(arguments)

    torch.manual_seed(0)
    shape = (options.batch, options.dim, options.side, options.side)
    num_pixels = options.side**2
    numbers = {"stored MiB": ".0f", "peak MiB": ".0f", "s": ".1f"}
    columns = {
        "scheme": "",
        **{f"{way}: {name}": form for way in ("at once", "parts") for name, form in numbers.items()},
    }
    with measure.report(options) as report:
        maps = {name: torch.rand(shape, device=options.device).requires_grad_() for name in ("face", "context")}
        table = report.table("In float32", {"one map MiB": ".0f", "one matrix of all similarities MiB": ".0f"})
        table.add(maps["face"].nbytes / MIB, 4 * options.batch * num_pixels**2 / MIB)
        table = report.table(f"{options.batch} maps of {options.dim} x {options.side} x {options.side}", columns)
        for name, scheme in SCHEMES.items():
            found: list[float] = []
            for max_entries in (options.batch * num_pixels**2, options.max_entries):
                variant = "baseline" if name == "no graph" else "both"
                network = CrossModalGraph(shape[1:], scheme, variant, max_entries=max_entries).to(options.device)
                found += measured(network, maps, options.device, options.repeats)
            table.add(name, *found)


if __name__ == "__main__":
    main()
