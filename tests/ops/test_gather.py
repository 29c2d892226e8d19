"""Of one process; two are in tests/losses/test_objective_distributed.py, with every loss."""

import pytest
import torch

from fercli.ops.gather import gather_rows


@pytest.fixture
def group_of_one(tmp_path):
    torch.distributed.init_process_group("gloo", init_method=f"file://{tmp_path}/rendezvous", rank=0, world_size=1)
    yield
    torch.distributed.destroy_process_group()


def test_without_other_processes_the_columns_are_as_they_are():
    columns = [torch.arange(3.0, requires_grad=True), torch.tensor([1, 2, 3])]
    assert all(found is column for found, column in zip(gather_rows(columns), columns, strict=True))


def test_a_single_process_of_a_group_needs_no_others(group_of_one):
    column = torch.arange(3.0)
    assert gather_rows([column])[0] is column


def test_of_no_columns_there_is_nothing_to_gather():
    assert gather_rows([]) == ()
