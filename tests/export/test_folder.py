import json
import shutil
from dataclasses import replace

import numpy as np
import onnx
import pandas as pd
import pytest
import torch
from safetensors import safe_open

from fercli.errors import DataError, RunError
from fercli.export import folder as export_folder
from fercli.export.folder import default_folder, export
from fercli.inference.model import Model
from fercli.inference.onnx_model import open_model
from fercli.inference.predict import predict
from fercli.inference.request import PredictRequest
from fercli.preprocess.face import Face
from fercli.runs.folder import RunFolder
from fercli.studies.verify import verify
from tests.stores import describe

NAMES = ["MODEL_CARD.md", "model.json", "model.onnx", "model.pt2", "model.safetensors"]


def test_a_folder_has_every_format_the_facts_and_the_card(exported):
    assert sorted(path.name for path in exported.folder.iterdir()) == sorted([*NAMES, "SHA256SUMS"])
    assert exported.account.files == {name: (exported.folder / name).stat().st_size for name in NAMES}
    facts = json.loads((exported.folder / "model.json").read_text())
    assert facts["parity"]["samples"] == exported.account.num_samples == len(pd.read_parquet(exported.run.predictions))
    assert facts["parity"]["largest_difference"] == exported.account.differences
    assert max(exported.account.differences.values()) < 1e-5
    assert list(exported.account.differences) == ["model.onnx", "model.pt2"]


def test_the_metadata_of_the_onnx_file_are_the_facts_beside_it(exported):
    model = onnx.load(exported.folder / "model.onnx")
    found = {entry.key: json.loads(entry.value) for entry in model.metadata_props}
    facts = json.loads((exported.folder / "model.json").read_text())
    del facts["parity"]
    assert found == facts
    assert [entry.version for entry in model.opset_import] == [found["opset"]] == [18]
    assert [value.name for value in model.graph.output] == list(found["outputs"]) == ["probabilities", "affect"]
    (image,) = model.graph.input
    assert image.type.tensor_type.elem_type == onnx.TensorProto.UINT8
    rows, *shape = image.type.tensor_type.shape.dim
    assert rows.dim_param
    assert [side.dim_value for side in shape] == found["inputs"]["image"]["shape"][1:] == [3, 48, 48]
    assert (found["input_size"], found["network_size"], found["color_order"]) == (48, 16, "RGB")
    assert (found["crop"]["align"], found["crop"]["margin"]) == ("five_point", 0.1)
    assert found["classes"] == list(Model.of(exported.run).classes)
    assert found["data"]["license"] == "drawn by fercli: nobody is shown, no restriction"
    assert len(found["mean"]) == len(found["std"]) == 3


def test_no_file_names_a_path_of_this_machine(exported):
    for name in NAMES:
        content = (exported.folder / name).read_bytes()
        for path in (str(exported.folder.parent), str(exported.store), export_folder.__file__, "site-packages"):
            assert path.encode() not in content, (name, path)


def test_the_weights_are_those_of_the_run_without_its_losses(exported):
    state = torch.load(exported.run.weights, weights_only=True)["state_dict"]
    with safe_open(exported.folder / "model.safetensors", "pt") as file:
        found = {name: file.get_tensor(name) for name in [*file.keys()]}
        assert {*found} == {name for name in state if not name.startswith("objective.")}
        assert all(torch.equal(value, state[name]) for name, value in found.items())
        assert json.loads(file.metadata()["classes"]) == list(Model.of(exported.run).classes)


def test_the_program_of_torch_is_loaded_without_fercli_and_takes_any_number_of_faces(exported):
    program = torch.export.load(exported.folder / "model.pt2").module()
    faces = torch.randint(0, 256, (3, 3, 48, 48), dtype=torch.uint8)
    found = program(faces)
    np.testing.assert_allclose(found["probabilities"].sum(1).detach(), 1, atol=1e-6)
    torch.testing.assert_close(program(faces[1:2])["affect"], found["affect"][1:2])


class OneFace:
    """Finds one face in each bright image, and a second one in some."""

    batch_size = 4

    def detect(self, images):
        return [[Face((30.0, 20.0, 90.0, 80.0)), Face((5.0, 5.0, 30.0, 30.0))][: 1 + i % 2] for i in range(len(images))]


def test_predict_prints_the_same_for_the_file_as_for_the_run(exported, tmp_path):
    import cv2

    (tmp_path / "in").mkdir()
    for i, noise in enumerate(np.random.default_rng(0).integers(0, 256, (6, 100, 120, 3), dtype=np.uint8)):
        cv2.imwrite(str(tmp_path / "in" / f"{i}.png"), noise)
    tables, models = [], [Model.of(exported.run), open_model(exported.folder / "model.onnx")]
    for model in models:
        out = tmp_path / f"out{len(tables)}"
        predict(PredictRequest([tmp_path / "in"], out, annotate=False), [model], OneFace())
        tables.append(pd.read_parquet(out / "predictions.parquet"))
    numbers = [name for name in tables[0] if name.startswith(("prob_", "predicted_"))]
    assert len(numbers) == len(models[0].classes) + 2
    np.testing.assert_allclose(tables[1][numbers], tables[0][numbers], rtol=0, atol=1e-4)
    pd.testing.assert_frame_equal(tables[1].drop(columns=numbers), tables[0].drop(columns=numbers))
    assert (models[1].name, models[1].accuracy) == (models[0].name, models[0].accuracy)
    fields = {"network": None, "landmarks": None}
    assert replace(models[1], **fields) == replace(models[0], **fields)


def test_verify_checks_every_file_of_an_export(exported, tmp_path):
    folder = shutil.copytree(exported.folder, tmp_path / "out")
    assert {(found.path.name, found.state) for found in verify(folder)} == {(name, "sound") for name in NAMES}
    with (folder / "model.onnx").open("ab") as file:
        file.write(b"x")
    (folder / "model.pt2").unlink()
    states = {found.path.name: found.state for found in verify(folder)}
    assert (states["model.onnx"], states["model.pt2"], states["model.safetensors"]) == ("changed", "missing", "sound")


def test_only_the_formats_that_were_asked_for_are_written(exported, tmp_path):
    account = export(exported.run, tmp_path / "out", ["safetensors"])
    assert list(account.files) == ["MODEL_CARD.md", "model.json", "model.safetensors"]
    assert (account.num_samples, account.differences) == (0, {})
    assert "Largest difference" not in (tmp_path / "out" / "MODEL_CARD.md").read_text()


def test_a_folder_is_not_written_twice(exported):
    with pytest.raises(RunError, match="already exists; delete it, or give another --output"):
        export(exported.run, exported.folder)
    assert default_folder(exported.run).parts == ("exports", f"{exported.run.path.parent.name}-seed0")


def test_the_store_of_the_run_is_needed_and_may_have_moved(exported, tmp_path, faces):
    with pytest.raises(DataError, match=r"found no folder\. Give its place with --store"):
        export(exported.run, tmp_path / "out", store=tmp_path / "gone")
    moved = shutil.copytree(faces, tmp_path / "moved")
    export(exported.run, tmp_path / "out", ["safetensors"], store=moved)
    assert "moved" not in (tmp_path / "out" / "model.json").read_text()
    describe(moved, fingerprint="of others")
    with pytest.raises(DataError, match="expected the store that the run was trained on, found another one"):
        export(exported.run, tmp_path / "out2", store=moved)


def test_a_network_that_predicts_something_else_is_refused_and_nothing_is_written(exported, tmp_path, monkeypatch):
    """One output of one image that is off by a little more than is allowed is enough."""
    written = export_folder._of_program

    def off(content):
        network = written(content)

        def shifted(inputs):
            found = network(inputs)
            found["affect"][-1, 1] += 2e-4
            return found

        return shifted

    monkeypatch.setattr(export_folder, "_of_program", off)
    with pytest.raises(RunError, match=r"model\.pt2 is refused: .* differ by up to 2\.0e-04 .* Nothing was written"):
        export(exported.run, tmp_path / "out", ["torch"])
    assert not (tmp_path / "out").exists()


def test_an_unfinished_run_is_refused(exported, tmp_path):
    shutil.copytree(exported.run.path, tmp_path / "seed0")
    (tmp_path / "seed0" / "metrics.json").unlink()
    with pytest.raises(RunError, match="is not finished"):
        export(RunFolder(tmp_path / "seed0"), tmp_path / "out")
