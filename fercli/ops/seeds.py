"""Set the seed of torch's global generators."""

import torch


def seed_generators(seed: int, device: torch.device) -> None:
    """Seed the global generator of the CPU, and those of the kind of device that is in use.

    `torch.manual_seed` gives the same random numbers, but it also seeds the kinds of devices that are not in use. For
    each of them it notes the whole stack of calls, which takes a millisecond or more in each step of a training.

    Args:
        seed: from 0 to 2**64 - 1.
        device: on which random numbers are drawn, besides the CPU.
    """
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        torch.cuda.manual_seed_all(seed)
    elif device.type != "cpu":
        torch.manual_seed(seed)
