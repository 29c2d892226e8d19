"""What a method predicts and what it reads, from its yaml alone."""

from fercli.yaml_options import read

TASKS = {
    "expression": "expressions",
    "affect": "valence and arousal",
    "depression": "severity",
    "retrieval": "embedding",
}
INPUTS = {"inputs.clip": "clips", "inputs.context": "images with their scene"}


def task(method: str) -> str:
    """Return task and input of a method, such as `severity from clips`."""
    metrics, inputs = _settings(method)
    tasks = [word for name, word in TASKS.items() if name in metrics]
    given = [word for key, word in INPUTS.items() if key in inputs]
    return f"{', '.join(tasks)} from {given[0] if given else 'images'}"


def _settings(method: str) -> tuple[list[str], set[str]]:
    """Return the groups of metrics that a method evaluates by, and the inputs that it asks for."""
    choice = read("method", method)
    metrics, inputs = ["expression"], {key for key in INPUTS for one in choice.options if one.key.startswith(key)}
    for taken in choice.takes:
        group, sign, value = taken.partition("=")
        if not sign:  # the method that it builds on
            metrics, more = _settings(group.rpartition("/")[2])
            inputs |= more
        elif group == "metrics":
            metrics = value.strip("[]").replace(" ", "").split(",")
    return metrics, inputs
