import pytest

from fercli.errors import ConfigError
from fercli.inference.capture import opened


def test_a_missing_camera_is_refused_with_the_devices_that_exist(monkeypatch):
    monkeypatch.setattr("fercli.inference.capture.Path.glob", lambda path, pattern: [])
    with pytest.raises(ConfigError, match=r"camera 97 cannot be opened; devices of cameras on this machine: none\."):
        opened(97)
