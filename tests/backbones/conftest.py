import pytest
import torch


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """Weights cannot be downloaded, and none were before."""

    def refuse(*args, **kwargs):
        raise OSError("no route to host")

    monkeypatch.chdir(tmp_path)  # torch makes the folder
    monkeypatch.setattr(torch.hub, "download_url_to_file", refuse)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: "nowhere")
