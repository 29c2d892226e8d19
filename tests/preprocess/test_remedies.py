import ast
from pathlib import Path

import pytest

import fercli
from fercli.datasets.listing import ABOVE, NOWHERE
from fercli.datasets.source import Source
from fercli.preprocess.remedies import REMEDIES, remedies
from fercli.records import Reject
from fercli.scales import BDI_II

PACKAGE = Path(fercli.__file__).parent
# Modules whose reasons every user of a table or a folder can meet.
GENERAL = ("datasets/readers/table.py", "datasets/readers/folder.py", "datasets/readers/roll.py")
GENERAL += ("datasets/readers/frames.py", "datasets/readers/relabel.py", "preprocess/pictures.py", "preprocess/plan.py")
GENERAL += ("preprocess/files.py",)


def reasons(module):
    """Texts that a module gives as the reason of a reject."""
    tree = ast.parse((PACKAGE / module).read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    places = {"Reject": 3, "left_out": 1}
    given = [node.args[places[node.func.id]] for node in calls if len(node.args) > places.get(node.func.id, 99)]
    return {node.value for node in given if isinstance(node, ast.Constant)}


@pytest.mark.parametrize("module", GENERAL)
def test_every_reason_that_a_user_of_own_data_can_meet_has_a_remedy(module):
    assert reasons(module) - set(REMEDIES) == set()


def test_reasons_that_are_made_of_parts_have_one_too():
    made = {f"{kind} {what}" for kind in ("image", "video") for what in ("file missing", "without label row")}
    assert made | {ABOVE, NOWHERE} <= set(REMEDIES)


def test_a_path_outside_names_the_root_and_a_score_outside_the_scales(tmp_path):
    (tmp_path / "a.mp4").touch()
    rejects = [
        Reject("x", "", "", "path outside the folder", "/mnt/y/a.mp4"),
        Reject("y", "", "", "value out of range", "expected BDI-II, 0 to 63 points; found 70"),
        Reject("z", "", "", "known to one data set alone"),
    ]
    found = remedies(Source(tmp_path), rejects, BDI_II)
    assert found["path outside the folder"].endswith("data.reader.root='/mnt/y'")
    assert "scale=<one of bdi_ii, hamd17, phq8, phq9>" in found["value out of range"]
    assert len(found) == 2
