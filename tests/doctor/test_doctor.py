"""Each thing that can be wrong is made wrong, and is found with its remedy."""

import importlib.metadata
import os

import cv2
import pytest
import torch

from fercli.doctor import cluster, decoders, machine, software
from fercli.doctor.finding import Finding, findings


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Puts a program first on the path: a shell script."""

    def put(name, script):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    return put


def states(found):
    return {one.subject: one.state for one in found}


def test_this_installation_is_sound():
    checks = (software.python, software.libraries, decoders.vision, decoders.images, decoders.videos, machine.disks)
    found = [one for check in checks for one in check()]
    assert [one for one in found if one.state == "wrong"] == []
    assert all(one.text for one in found)


def test_a_library_that_is_missing_or_too_old(monkeypatch):
    def version(name):
        if name == "timm":
            raise importlib.metadata.PackageNotFoundError
        return {"torch": "2.0.0"}.get(name) or importlib.metadata.version(name)

    monkeypatch.setattr(software, "version", version)
    found = {one.subject: one for one in software.libraries()}
    assert found["libraries"].state == "wrong"
    assert found["libraries"].text == "timm is not installed; expected torch >=2.11, found 2.0.0"
    assert "make install" in found["libraries"].remedy


def test_an_extra_that_is_missing_is_no_fault(monkeypatch):
    def version(name):
        if name == "dlib-bin":
            raise importlib.metadata.PackageNotFoundError
        return importlib.metadata.version(name) if name != "umap-learn" else "0.5.7"

    monkeypatch.setattr(software, "version", version)
    found = {one.subject: one for one in software.libraries()}
    assert found["extra landmarks"].state == "note"
    assert found["extra umap"].state == "ok"
    assert found["extra landmarks"].remedy == 'pip install "fercli[landmarks]" for landmarks=dlib'


def test_images_and_videos_that_cannot_be_decoded(monkeypatch):
    monkeypatch.setattr(cv2, "imdecode", lambda content, flags: None)
    assert states(decoders.images()) == {"images": "wrong"}
    monkeypatch.setattr(cv2.VideoWriter, "fourcc", lambda *letters: -1)
    assert states(decoders.videos()) == {"videos": "wrong"}


def test_a_check_that_fails_is_a_finding_and_the_others_go_on():
    def broken():
        raise ImportError("libtorch.so: no such file\nand more")
        yield

    found = list(findings([("torchvision", broken), ("disk", machine.disks)]))
    assert found[0].subject == "torchvision"
    assert (found[0].state, found[0].text) == ("wrong", "ImportError: libtorch.so: no such file")
    assert [one.subject for one in found[1:]] == ["disk", "temporary"]


def test_a_gpu_that_torch_cannot_use(program, monkeypatch):
    program("nvidia-smi", 'echo "NVIDIA H200, 570.1"')
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.version, "cuda", None)
    (found,) = machine.gpus()
    assert found.state == "wrong"
    assert found.text.startswith("the driver sees NVIDIA H200, 570.1, but torch")
    monkeypatch.setattr(torch.version, "cuda", "13.2")
    (found,) = machine.gpus()
    assert "for CUDA 13.2 does not" in found.text


def test_a_machine_without_gpu(program, monkeypatch):
    program("nvidia-smi", "exit 9")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert list(machine.gpus()) == [Finding("GPU", "note", "none: fercli trains on the processor")]


def test_too_little_room(monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "LEAST_DISK", 2**80)
    monkeypatch.setattr(machine, "LEAST_SHARED", 2**80)
    monkeypatch.setattr(machine, "LEAST_FILES", 2**40)
    monkeypatch.setattr(machine, "SHARED_MEMORY", tmp_path)
    monkeypatch.setattr(machine.resource, "getrlimit", lambda limit: (256, 256))
    found = [*machine.disks(), *machine.shared_memory(), *machine.open_files()]
    assert [one.state for one in found] == ["note"] * 4
    assert all(one.remedy for one in found)


def test_more_threads_than_cores(monkeypatch):
    monkeypatch.setattr(machine, "_num_cores", lambda: 1)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 8)
    (found,) = machine.processors()
    assert found.remedy.startswith("export OMP_NUM_THREADS=1")


def test_partitions_of_a_cluster(program):
    program("sinfo", 'echo "gpu* up 4 1-00:00:00"')
    (found,) = cluster.cluster()
    assert (found.state, found.text) == ("ok", "gpu*: 4 nodes, up, at most 1-00:00:00")


def test_a_cluster_that_does_not_answer(program):
    program("sinfo", 'echo "sinfo: error: no controller" >&2; echo more >&2; exit 1')
    (found,) = cluster.cluster()
    assert (found.state, found.text) == ("note", "SLURM's `sinfo` failed: sinfo: error: no controller")


def test_no_cluster(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert states(cluster.cluster()) == {"SLURM": "note"}
