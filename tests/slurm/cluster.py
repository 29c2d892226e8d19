"""A private SLURM cluster of two nodes on this host, for tests and for trying things out.

    python tests/slurm/cluster.py <folder>        # prints what to export, and runs until Ctrl-C

Needs root and Debian's packages slurm-wlm and munge. All daemons listen on the loopback device alone, on ports
that were free, with their own munge key and socket, and keep their state in the folder; none of the host's own SLURM is
touched. They end with the process that started them, however that ends, and are stopped by their own process ids.
"""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scontrol", "scancel")
NODES = ("n1", "n2")
PR_SET_PDEATHSIG = 1

CONFIGURATION = """\
ClusterName=private
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={folder}/munge/socket,cred_expire=5
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
StateSaveLocation={folder}/state
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmdSpoolDir={folder}/spool-%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=2
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/none
JobRequeue=1
ReturnToService=2
KillWait=20
MessageTimeout=5
SlurmctldTimeout=30
SlurmdTimeout=300
SlurmdParameters=config_overrides
{nodes}
PartitionName=main Nodes={names} Default=YES MaxTime=INFINITE State=UP
"""


def why_not() -> str | None:
    """What keeps a cluster from starting here; None where nothing does."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    missing = [program for program in PROGRAMS if shutil.which(program, path=path) is None]
    if missing:
        return f"needs Debian's packages slurm-wlm and munge: {', '.join(missing)} not found"
    return None if os.geteuid() == 0 else "the daemons of a private SLURM cluster need root"


class Cluster:
    """Two nodes of `cpus` processors each, and their controller.

    Attributes:
        environment: what commands of SLURM need in order to reach this cluster.
    """

    def __init__(self, folder: Path, cpus: int = 2):
        self.folder = folder
        self.cpus = cpus
        self.daemons: dict[str, subprocess.Popen[bytes]] = {}
        self.environment = {"SLURM_CONF": str(folder / "slurm.conf")}

    def start(self) -> None:
        """Write the configuration and start munged, slurmctld and one slurmd per node; return when both are idle."""
        munge = self.folder / "munge"
        for name in ("munge", "state", *(f"spool-{node}" for node in NODES)):
            (self.folder / name).mkdir(parents=True, exist_ok=True, mode=0o755)
        (munge / "key").write_bytes(os.urandom(128))
        (munge / "key").chmod(0o400)
        self._configure()
        files = {name: f"--{name}-file={munge / name}" for name in ("key", "pid", "log", "seed")}
        # --force: the folder of a test may lie below one that others can write to
        self._run_daemon("munged", ["munged", "--foreground", "--force", f"--socket={munge}/socket", *files.values()])
        wait_until((munge / "socket").exists, "munged")
        self.start_controller()
        for node in NODES:
            self.start_node(node)
        self.until_idle()

    def until_idle(self) -> None:
        """Wait until both nodes can take jobs."""
        wait_until(lambda: self.states() == dict.fromkeys(NODES, "idle"), "the nodes")

    def start_controller(self) -> None:
        """Start slurmctld, with the state that an earlier one left."""
        self._run_daemon("slurmctld", ["slurmctld", "-D"])
        wait_until(lambda: self.run("scontrol", "ping").returncode == 0, "slurmctld")

    def stop_controller(self) -> None:
        """Stop slurmctld: nobody answers sbatch and squeue any more."""
        self._end("slurmctld")

    def start_node(self, node: str) -> None:
        """Start a node's slurmd."""
        self._run_daemon(f"slurmd-{node}", ["slurmd", "-D", "-N", node])

    @contextmanager
    def without_power(self, node: str) -> Iterator[None]:
        """Take a node down, and start it again at the end, also after a failure: other tests need both nodes."""
        self._cut_power(node)
        try:
            yield
        finally:
            self.start_node(node)
            self.until_idle()

    def _cut_power(self, node: str) -> None:
        """Kill everything that runs on a node, at once, and tell the controller that the node is down."""
        self.daemons.pop(f"slurmd-{node}").kill()
        for process in self._processes_of(node):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        done = self.run("scontrol", "update", f"NodeName={node}", "State=DOWN", "Reason=no power")
        assert done.returncode == 0, done.stderr

    def states(self) -> dict[str, str]:
        """What the controller says of each node."""
        lines = self.run("sinfo", "--Node", "--noheader", "--format=%N %t").stdout.splitlines()
        return dict(line.split(maxsplit=1) for line in lines)  # type: ignore[arg-type]

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of SLURM."""
        return subprocess.run(command, env=os.environ | self.environment, capture_output=True, text=True)

    def last_words(self) -> str:
        """The end of what each daemon said."""
        logs = {path.name: path.read_text(errors="replace").splitlines()[-5:] for path in self.folder.glob("*.log")}
        return "\n".join(f"{name}: {line}" for name, lines in logs.items() for line in lines)

    def stop(self) -> None:
        """Cancel all jobs, wait for their processes to end, stop the daemons."""
        if "slurmctld" in self.daemons:
            self.run("scancel", "--user=root", "--signal=KILL")
            self.run("scancel", "--user=root")
            with _too_late():
                wait_until(lambda: not self.run("squeue", "--noheader").stdout.strip(), "the jobs")
        for name in reversed(list(self.daemons)):
            self._end(name)
        for node in NODES:
            for process in self._processes_of(node):
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)

    def _configure(self) -> None:
        host = socket.gethostname().partition(".")[0]
        ports = free_ports(1 + len(NODES))
        lines = [
            f"NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs={self.cpus} State=UNKNOWN"
            for node, port in zip(NODES, ports[1:], strict=True)
        ]
        text = CONFIGURATION.format(
            host=host, controller_port=ports[0], folder=self.folder, nodes="\n".join(lines), names=",".join(NODES)
        )
        (self.folder / "slurm.conf").write_text(text)

    def _run_daemon(self, name: str, command: Sequence[str]) -> None:
        with open(self.folder / f"{name}.log", "ab") as log:
            self.daemons[name] = subprocess.Popen(
                [_program(command[0]), *command[1:]],
                env=os.environ | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )

    def _end(self, name: str) -> None:
        daemon = self.daemons.pop(name)
        daemon.terminate()
        try:
            daemon.wait(timeout=10)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()

    def _processes_of(self, node: str) -> list[int]:
        """Processes of this cluster's jobs on a node, those of SLURM that watch over them included."""
        tasks = {process for process in _processes() if self._is_ours(process, f"SLURMD_NODENAME={node}")}
        watching = {parent for task in tasks if self._is_ours(parent := _parent(task)) and parent not in tasks}
        return sorted(tasks | watching)

    def _is_ours(self, process: int, *variables: str) -> bool:
        wanted = {f"SLURM_CONF={self.environment['SLURM_CONF']}", *variables}
        daemons = {daemon.pid for daemon in self.daemons.values()}
        return process not in {0, 1, os.getpid()} | daemons and wanted <= set(_environment(process))


@contextmanager
def running(folder: Path, cpus: int = 2) -> Iterator[Cluster]:
    """A cluster as long as the `with` lasts."""
    cluster = Cluster(folder.resolve(), cpus)
    try:
        try:
            cluster.start()
        except TimeoutError as error:
            raise RuntimeError(f"the cluster does not start: {error}\n{cluster.last_words()}") from error
        yield cluster
    finally:
        cluster.stop()


def wait_until(true: Callable[[], bool], what: str, seconds: float = 60, pause: float = 0.1) -> None:
    """Ask again and again, with so many seconds between; TimeoutError with `what` if it does not come true in time."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds:.0f} s for {what}")
        time.sleep(pause)


def free_ports(count: int) -> list[int]:
    """Ports of the loopback device that nobody listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def _program(name: str) -> str:
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    assert found, name
    return found


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _environment(process: int) -> list[str]:
    try:
        return Path(f"/proc/{process}/environ").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


def _parent(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


@contextmanager
def _too_late() -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        print(f"{error}; going on", file=sys.stderr)


def main() -> None:
    """Run a cluster until Ctrl-C."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if reason := why_not():
        sys.exit(f"no cluster: {reason}")
    with running(Path(sys.argv[1]), cpus=os.cpu_count() or 1) as cluster:
        print(f"export SLURM_CONF={cluster.environment['SLURM_CONF']}", flush=True)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda number, frame: sys.exit(0))
        signal.pause()


if __name__ == "__main__":
    main()
