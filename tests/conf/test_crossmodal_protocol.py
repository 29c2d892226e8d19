"""What Lin 2021 prints of its training, as the experiments have it (acceptance check A32), and its Table 4-9."""

import numpy as np
import pytest
import torch
import yaml

from fercli.catalog import CONF
from fercli.config import compose, instantiate
from fercli.studies.printed import published_rows
from fercli.studies.study import study_from
from tests.labels import labels_of


@pytest.mark.parametrize("experiment", ["caer_s", "caer", "avec2014"])
def test_the_rate_falls_tenfold_every_forty_epochs(experiment, rates_of):
    cfg = compose("train", [f"experiment=crossmodal_gcn/{experiment}"])
    rates, _ = rates_of(cfg)
    assert cfg.scheduler.interval == "epoch"
    assert [rates[epoch] for epoch in (0, 39, 40, 79, 80, 119)] == pytest.approx([1e-3, 1e-3, 1e-4, 1e-4, 1e-5, 1e-5])


@pytest.mark.parametrize(("experiment", "drawn_by"), [("caer_s", "expression"), ("avec2014", "subject")])
def test_a_batch_has_ten_samples_of_each_of_seven(experiment, drawn_by):
    cfg = compose("train", [f"experiment=crossmodal_gcn/{experiment}"])
    numbers = np.repeat(np.arange(7), [300, 40, 40, 70, 90, 11, 30])
    labels = labels_of(**{drawn_by: numbers})
    batches = numbers[instantiate(cfg.sampler)(labels, 0, 0)].reshape(-1, 70)
    assert len(batches) == len(numbers) // 70
    for batch in batches:
        assert np.bincount(batch).tolist() == [10] * 7


def study(name):
    return study_from(name, yaml.safe_load((CONF / f"study/crossmodal_gcn/{name}.yaml").read_text()))


@pytest.mark.parametrize(
    ("name", "kind"), [("table_4_9", "stills"), ("backbone", "stills"), ("table_4_9_clips", "clips")]
)
def test_numbers_of_stills_and_of_clips_stand_in_different_studies(name, kind):
    methods = study(name)
    printed = [found for row in methods.rows if row.published for found in published_rows(methods, row)]
    assert {found["protocol"].version for found in printed} == {kind}
    assert {found["metric"] for found in printed} == set(methods.metrics)


def test_every_row_of_table_4_9_is_in_a_study_and_has_runs_but_where_weights_are_missing():
    stills, clips = study("table_4_9"), study("table_4_9_clips")
    shown = [(found["method"], found["modality"]) for s in (stills, clips) for r in s.rows if r.published
             for found in published_rows(s, r)]  # fmt: skip
    assert sorted(shown) == sorted((found["method"], found["modality"]) for found in published_rows(stills))
    assert stills.trained == stills.rows
    assert [row.label for row in clips.rows if row not in clips.trained] == ["Sports-1M-C3D", "Fine-tuned C3D"]


@pytest.mark.parametrize("name", ["table_4_9", "table_4_9_clips", "backbone"])
def test_only_the_rows_of_caer_net_hide_the_face_and_only_those_of_the_face_see_no_scene(name):
    methods = study(name)
    for row in methods.trained:
        cfg = compose("train", [f"data={methods.prepared}", *methods.base, *row.overrides])
        of_the_face = row.label.endswith("on the face")
        assert cfg.inputs.context == (not of_the_face), row.label
        assert cfg.inputs.hide_face == ("CAER-Net" in row.label and not of_the_face), row.label


def test_networks_of_imagenet_see_its_colors_and_learn_as_their_rows_say():
    methods = study("table_4_9")
    rows = {row.label: row for row in methods.trained if "ImageNet" in row.label}
    assert len(rows) == 4
    for label, row in rows.items():
        cfg = compose("train", [f"data={methods.prepared}", *methods.base, *row.overrides])
        assert (cfg.backbone.weights, cfg.augment.mean[0], cfg.augment.std[0]) == ("imagenet", 0.485, 0.229)
        assert cfg.method.frozen == label.endswith("frozen")


@pytest.mark.parametrize(
    "label", ["CAER-Net", "CAER-Net on the face", "CAER-Net on the context", "C3D from random weights"]
)
def test_methods_of_clips_see_16_frames_and_batches_with_all_classes(label):
    methods = study("table_4_9_clips")
    (row,) = (row for row in methods.rows if row.label == label)
    cfg = compose("train", [f"data={methods.prepared}", *methods.base, *row.overrides])
    assert cfg.inputs.clip == {"length": 16, "stride": 16}
    assert cfg.trainer.batch_size == 7 * cfg.sampler.num_samples
    assert cfg.data.reader.sampling.max_frames_per_video is None  # all frames, one after the other
    assert cfg.selection.monitor == "clip_accuracy"


RETRIEVAL = pytest.mark.parametrize("data", ["cub", "cars", "in_shop", "online_products"])


@RETRIEVAL
def test_retrieval_has_the_settings_of_the_code_that_its_source_refers_to(data):
    """configs/example_resnet50.yaml and config/defaults.py beside Wang et al. 2019."""
    cfg = compose("train", [f"experiment=crossmodal_gcn/{data}"])
    assert cfg.data.name == data
    assert (cfg.optimizer.lr, cfg.optimizer.weight_decay) == (3e-5, 5e-4)
    assert (cfg.trainer.batch_size, cfg.sampler.num_samples, cfg.head.embedding_dim) == (80, 5, 512)
    assert (cfg.trainer.max_epochs, cfg.trainer.max_steps, cfg.trainer.freeze_norm) == (None, 3000, "statistics")
    assert (cfg.backbone.name, cfg.backbone.weights) == ("resnet50", "imagenet")
    augment = instantiate(cfg.augment)
    assert (augment.size, augment.scale, augment.flip) == (227, (0.16, 1), 0.5)
    assert round(augment.middle * cfg.data.size) == 227
    crop = compose("preprocess", [f"data={data}"]).crop
    assert (cfg.data.size, crop.fit) == (256, "short")


@RETRIEVAL
def test_the_rate_of_retrieval_falls_tenfold_after_1200_and_2400_steps(data):
    cfg = compose("train", [f"experiment=crossmodal_gcn/{data}"])
    optimizer = instantiate(cfg.optimizer)([torch.nn.Parameter(torch.zeros(1))])
    scheduler = instantiate(cfg.scheduler.scheduler)(optimizer)
    rates = []
    for _ in range(cfg.trainer.max_steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    assert cfg.scheduler.interval == "step"
    assert [rates[step] for step in (0, 1199, 1200, 2399, 2400, 2999)] == pytest.approx(
        [3e-5, 3e-5, 3e-6, 3e-6, 3e-7, 3e-7]
    )


@pytest.mark.parametrize(
    "name", ["table_4_11_cub", "table_4_11_cars", "table_4_12_in_shop", "table_4_12_online_products"]
)
def test_no_loss_of_retrieval_is_weighed_less_than_another(name):
    """Weight decay is added to the gradient, so that the weight of a loss alone is not without effect."""
    losses = study(name)
    for row in losses.trained:
        cfg = compose("train", [*losses.base, *row.overrides])
        ((loss, term),) = cfg.loss.items()
        assert term.weight == 1, loss
