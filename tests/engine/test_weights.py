"""A checkpoint gives the numbers that were written into it, or a message."""

import errno
import io
import os
import zipfile

import numpy as np
import pytest
import torch
from torch import nn

from fercli.engine.weights import load_weights, read_checkpoint, write_weights
from fercli.errors import RunError


@pytest.fixture
def checkpoint(tmp_path):
    torch.manual_seed(0)
    write_weights(nn.Linear(20, 10), tmp_path / "weights.ckpt")
    return tmp_path / "weights.ckpt"


def test_every_flipped_bit_is_found_or_changes_no_number(checkpoint):
    sound, rng = checkpoint.read_bytes(), np.random.default_rng(0)
    weight = read_checkpoint(checkpoint)["state_dict"]["weight"]
    found = 0
    for place in rng.choice(8 * len(sound), 400, replace=False):
        damaged = bytearray(sound)
        damaged[place // 8] ^= 1 << place % 8
        checkpoint.write_bytes(damaged)
        try:
            read = read_checkpoint(checkpoint)["state_dict"]["weight"]
        except RunError:
            found += 1
        else:
            assert torch.equal(read, weight)
    assert found > 200  # the others lie in padding and times


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_checkpoint_that_ends_too_early_is_refused(checkpoint, share):
    content = checkpoint.read_bytes()
    checkpoint.write_bytes(content[: int(share * len(content))])
    with pytest.raises(RunError, match=r"weights.ckpt is damaged: .*--resume never"):
        load_weights(nn.Linear(20, 10), checkpoint)


def test_a_checkpoint_that_unpacks_to_more_than_it_is_is_refused(checkpoint):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data/0", bytes(1 << 20))
    checkpoint.write_bytes(packed.getvalue())
    with pytest.raises(RunError, match="its entries are compressed"):
        read_checkpoint(checkpoint)


@pytest.mark.parametrize("space", [0, 1000, 1 << 20])
def test_a_full_disk_is_said_as_such(checkpoint, monkeypatch, space):
    class Disk(io.BytesIO):
        def write(self, content):
            if self.tell() + len(content) > space:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(content)

    before = checkpoint.read_bytes()
    monkeypatch.setattr("fercli.files.open", lambda handle, mode: os.close(handle) or Disk(), raising=False)
    with pytest.raises(OSError, match="No space left on device"):
        write_weights(nn.Linear(2000, 1000), checkpoint)
    assert checkpoint.read_bytes() == before
    assert list(checkpoint.parent.iterdir()) == [checkpoint]


def test_weights_of_another_network_are_refused(checkpoint):
    with pytest.raises(RunError, match="cannot be used"):
        load_weights(nn.Linear(3, 3), checkpoint)
