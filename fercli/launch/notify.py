"""Tell the user that a study has ended: run the command of `launcher.notify`, with a message as JSON on its input."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fercli.errors import ConfigError, RunError, reading
from fercli.launch.task import Task
from fercli.runs.folder import RunFolder, write_json
from fercli.studies.grid import Plan

MODULE = "fercli.launch.notify"
MOST_SECONDS = 120  # that the command may take


def check_command(command: Sequence[str]) -> None:
    """Check that a command is a list of arguments.

    Raises:
        ConfigError: it is one text, or an argument is no text.
    """
    if isinstance(command, str) or not all(isinstance(word, str) for word in command):
        raise ConfigError(
            f"expected launcher.notify as a list of arguments, such as [mail,-s,fercli,me@example.org]; found {command}"
        )


def notify(command: Sequence[str], plan: Plan) -> str | None:
    """Run the command; return what went wrong, or None. It never raises: results do not depend on it.

    Args:
        command: arguments, without a shell.
        plan: the plan of the study that has ended.
    """
    return _run(command, _message(plan.study.name, plan.data, plan.folder, [cell.result.path for cell in plan.cells]))


def notification(command: Sequence[str], plan: Plan) -> Task:
    """Return the last job of a study on a cluster, which runs the command there.

    The command may hold the secret address of a service: the file with it can be read by the user alone.
    """
    path = plan.folder.absolute() / "slurm" / "notify.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    results = [str(cell.result.path.absolute()) for cell in plan.cells]
    study = {"study": plan.study.name, "data": plan.data, "folder": str(plan.folder.absolute())}
    write_json(path, {"command": list(command), **study, "results": results})
    path.chmod(0o600)
    return Task("the notification", (MODULE, str(path)), path.with_suffix(".log"))


def main(path: str) -> int:
    """Run the command of a file that `notification` wrote; print what went wrong."""
    with reading(Path(path), "a notification", error=RunError):
        content = json.loads(Path(path).read_text("utf-8"))
        results = [Path(result) for result in content["results"]]
        message = _message(content["study"], content["data"], Path(content["folder"]), results)
        problem = _run(content["command"], message)
    print(message["text"], *([f"not sent: {problem}"] if problem else []), sep="\n")
    return int(problem is not None)


def _message(study: str, data: str, folder: Path, results: Sequence[Path]) -> dict[str, Any]:
    done, total = sum(RunFolder(path).finished for path in results), len(results)
    state = "done" if done == total else "incomplete"
    return {
        "text": f"fercli: {study} on {data} has ended: {done} of {total} planned cells done",
        "study": study,
        "data": data,
        "state": state,
        "done": done,
        "missing": total - done,
        "total": total,
        "folder": str(folder),
    }


def _run(command: Sequence[str], message: dict[str, Any]) -> str | None:
    try:
        done = subprocess.run(
            list(command), input=json.dumps(message) + "\n", capture_output=True, text=True, timeout=MOST_SECONDS
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return f"{command[0]}: {error}"
    if not done.returncode:
        return None
    return f"{command[0]} ended with exit status {done.returncode}: {(done.stderr or done.stdout).strip()}"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
