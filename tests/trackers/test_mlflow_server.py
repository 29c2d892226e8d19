"""MLflow with a real server on this machine; FERCLI_TEST_MLFLOW names the program `mlflow` of the whole package."""

import os
import socket
import subprocess
import time
import urllib.request

import pytest

from fercli.trackers.guarded import Guarded
from fercli.trackers.record import tracked_as

SERVER = os.environ.get("FERCLI_TEST_MLFLOW")
pytestmark = pytest.mark.skipif(SERVER is None, reason="set FERCLI_TEST_MLFLOW to the program `mlflow` to run it")


@pytest.fixture
def server(tmp_path):
    """Start a server that keeps its runs in a folder; give its address and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [SERVER, "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", f"file://{tmp_path}/store", "--artifacts-destination", f"{tmp_path}/artifacts"]
    environment = os.environ | {"MLFLOW_ALLOW_FILE_STORE": "true"}
    with open(tmp_path / "log", "w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{address}/health").read()
                break
            except OSError:
                time.sleep(0.2)
        yield address, process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, 9)
            process.wait()


def test_one_run_over_two_parts_and_a_lost_server_is_said_once(server, tmp_path):
    pytest.importorskip("mlflow", reason="MLflow is not installed: pip install fercli[mlflow]")
    from mlflow.tracking import MlflowClient

    from fercli.trackers.mlflow import Mlflow

    address, process = server
    run = tmp_path / "runs" / "softmax_1a2b3c4d5e" / "seed0"
    run.mkdir(parents=True)
    (run / "metrics.json").write_text("{}")

    def part():
        return Guarded("mlflow", Mlflow(save_dir=run, tracking_uri=address, experiment_name="fercli"))

    first = part()
    first.log_hyperparams({"trainer": {"devices": 1}})
    first.log_metrics({"history/lr": 0.1}, 6)
    first.finalize("failed")
    second = part()
    second.log_hyperparams({"trainer": {"devices": 2, "num_nodes": 1}})
    second.log_metrics({"history/lr": 0.05}, 12)
    second.keep_files("training", {"metrics.json": run / "metrics.json"})
    second.close(failed=False)
    client = MlflowClient(address)
    (only,) = client.search_runs([client.get_experiment_by_name("fercli").experiment_id])
    assert (only.info.run_id, only.info.status) == (tracked_as(run, "mlflow"), "FINISHED")
    assert only.data.params == {"trainer.devices": "1", "trainer.num_nodes": "1"}
    history = client.get_metric_history(only.info.run_id, "history/lr")
    assert [(row.step, row.value) for row in history] == [(6, 0.1), (12, 0.05)]
    assert [one.path for one in client.list_artifacts(only.info.run_id, "training")] == ["training/metrics.json"]

    os.killpg(process.pid, 9)
    process.wait()
    with pytest.warns(UserWarning, match="logger=mlflow has failed and logs nothing more"):
        second.log_metrics({"history/lr": 0.01}, 18)
    second.log_metrics({"history/lr": 0.01}, 24)
