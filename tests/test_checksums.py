"""A folder's sums find any change of its files, and say what happened to which."""

import subprocess

import pytest

from fercli.checksums import FILE, require_sound, seal, state, sums_of
from fercli.errors import DataError, RunError


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "shards").mkdir()
    (tmp_path / "shards" / "0.arrow").write_bytes(b"rows")
    (tmp_path / "config.yaml").write_bytes(b"seed: 0\n")
    seal(tmp_path, ["config.yaml", "shards/0.arrow", "not_there"], {"metrics.json": b"{}"})
    (tmp_path / "metrics.json").write_bytes(b"{}")
    return tmp_path


def test_the_sums_are_those_of_sha256sum(folder):
    assert set(sums_of(folder)) == {"config.yaml", "shards/0.arrow", "metrics.json"}
    subprocess.run(["sha256sum", "--check", "--strict", FILE], cwd=folder, check=True, capture_output=True)
    require_sound(folder, ["config.yaml", "shards/0.arrow", "metrics.json"], remedy="")


@pytest.mark.parametrize("bit", range(8))
def test_a_flipped_bit_is_found(folder, bit):
    (folder / "config.yaml").write_bytes(bytes([b"seed: 0\n"[0] ^ 1 << bit]) + b"eed: 0\n")
    with pytest.raises(RunError, match=r"config.yaml is damaged or was changed by hand: .* in SHA256SUMS; copy"):
        require_sound(folder, ["config.yaml"], remedy="copy it again")


def test_what_is_missing_or_has_no_sum_is_said(folder):
    (folder / "config.yaml").unlink()
    (folder / "more").touch()
    for name in ("config.yaml", "more"):
        with pytest.raises(DataError, match=f"{name} is missing, or SHA256SUMS beside it does not name it; x"):
            require_sound(folder, [name], remedy="x", error=DataError)
    assert state(folder, "config.yaml", "") == "missing"


@pytest.mark.parametrize("content", [b"", b"x", b"\xff\n", b"0" * 64 + b"  ../../etc passwd\n", b"0" * 63 + b"  a\n"])
def test_damaged_sums_are_one_message(folder, content):
    (folder / FILE).write_bytes(content)
    with pytest.raises(RunError, match="SHA256SUMS is damaged: expected lines of `sha256sum`"):
        sums_of(folder)


def test_a_change_is_seen_in_the_same_process(folder):
    require_sound(folder, ["config.yaml"], remedy="")
    (folder / "config.yaml").write_bytes(b"seed: 1\n")  # of the same size
    with pytest.raises(RunError):
        require_sound(folder, ["config.yaml"], remedy="")
