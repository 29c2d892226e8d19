"""What parts of a run need of one another and of its data is refused, with what to do, before anything trains."""

import pyarrow as pa
import pytest
import torch

from fercli.datasets.store import Store
from fercli.engine.build import build_data, build_method
from fercli.engine.requirements import require_labels, require_predictions
from fercli.engine.run_options import run_options
from fercli.errors import ConfigError, DataError

CMGCN = ["method=cmgcn_emotion", "augment.size=32", "augment.shift=0"]


@pytest.fixture
def relabelled(config):
    """The data and the configuration of a multi-task training, without the labels of one column in some rows."""

    def without(missing, *overrides):
        cfg = config("method=multitask_affect", "backbone=lenets", "augment.size=28", "augment.shift=0", *overrides)
        store = Store(cfg.store)
        for name, rows in missing.items():
            column = store.table.column(name)
            kept = [None if rows(i) else value for i, value in enumerate(column.to_pylist())]
            place = store.table.column_names.index(name)
            store.table = store.table.set_column(place, name, pa.chunked_array([pa.array(kept, column.type)]))
        return cfg, build_data(cfg, store)

    return without


def test_affect_takes_valence_and_arousal(relabelled):
    cfg, data = relabelled({"arousal": lambda row: True})
    with pytest.raises(DataError, match=r"loss 'ccc' reads 'affect', which no training row of .* carries$"):
        build_method(cfg, data)


def test_labels_that_are_read_together_are_carried_together(relabelled):
    missing = {"valence": lambda row: row % 2 == 0, "expression": lambda row: row % 2 == 1}
    build_method(*relabelled(missing))  # each of its losses reads one of them
    cfg, data = relabelled(missing, "loss=[va_center_local]")
    with pytest.raises(DataError, match=r"'expression' and 'affect', which no training row of .* carries together"):
        build_method(cfg, data)


TINY = ["backbone=lenets", "augment.size=28", "augment.shift=0"]


def refusal(config, *overrides):
    cfg = config(*TINY, *overrides)
    with pytest.raises(ConfigError) as refused:
        build_method(cfg, build_data(cfg, Store(cfg.store)))
    return str(refused.value)


def test_a_monitor_that_the_method_does_not_predict_is_refused_with_those_that_it_does(config):
    message = refusal(config, "method=affect_regression", "metrics=[expression,affect]", "selection.monitor=accuracy")
    assert message.startswith(
        "selection.monitor=accuracy reads 'probabilities', which method=affect_regression does not predict; "
        "it can be monitored by ccc_valence, ccc_arousal, "
    )
    assert "mean_class_accuracy" not in message
    assert message.endswith(", or choose no epoch with selection=last")


def test_where_no_metric_of_a_run_can_be_monitored_others_are_named(config):
    message = refusal(config, "method=affect_regression", "metrics=[expression]", "selection.monitor=accuracy")
    assert "no metric of this run can be monitored, but those of metrics=[affect] (ccc_valence, " in message
    assert "metrics=[depression]" not in message
    assert "metrics=[minority]" not in message


def test_a_method_is_built_whose_monitor_is_not_asked_or_is_a_metric_among_impossible_ones(config):
    base = ["method=affect_regression", "metrics=[expression,affect]"]
    for choice in (["selection=last", "selection.monitor=accuracy"], ["selection.monitor=ccc_arousal"]):
        cfg = config(*TINY, *base, *choice)
        method, _ = build_method(cfg, build_data(cfg, Store(cfg.store)))
        assert {"accuracy", "ccc_arousal"} <= set(method.metrics)


def test_a_loss_that_reads_what_the_method_does_not_produce_is_refused(config):
    message = refusal(config, "method=softmax", "loss=[cross_entropy,sparse_center]", "center_bank=he")
    assert message == (
        "loss 'sparse_center' reads 'attention', which method=softmax with head=linear does not produce; "
        "leave it out with ~loss.sparse_center, or choose a head that produces it"
    )


def test_looking_at_what_a_method_predicts_draws_nothing_and_leaves_it_in_training(config):
    """The graph of this method is drawn at random in every pass of training."""
    cfg = config(*CMGCN)
    method, _ = build_method(cfg, data := build_data(cfg, Store(cfg.store)))
    before = torch.get_rng_state()
    require_predictions(run_options(cfg), method, data)
    assert torch.equal(torch.get_rng_state(), before)
    assert all(module.training for module in method.modules())


CAER_NET_S = ["method=caer_net_s", *CMGCN[1:]]


def without_boxes(store, rows):
    """The store as if no face had been found in some rows."""
    boxes = [None if rows(i) else box for i, box in enumerate(store.table.column("face_box").to_pylist())]
    place = store.table.column_names.index("face_box")
    store.table = store.table.set_column(place, "face_box", pa.chunked_array([pa.array(boxes, pa.list_(pa.float32()))]))
    return store


def test_the_face_is_black_in_what_caer_net_s_sees_of_the_scene_and_not_in_what_cmgcn_does(config):
    black = {}
    for overrides in (CAER_NET_S, CMGCN):
        cfg = config(*overrides)
        store = Store(cfg.store)
        data = build_data(cfg, store)
        (batch,) = data.rows_dataloader(data.split.train[:4])
        black[overrides[0]] = [
            (scene[:, round(top) : round(bottom) + 1, round(left) : round(right) + 1] == 0).all().item()
            for scene, (left, top, right, bottom) in zip(
                batch.context, store.face_boxes[data.split.train[:4]], strict=True
            )
        ]
    assert black == {"method=caer_net_s": [True] * 4, "method=cmgcn_emotion": [False] * 4}


def test_scenes_in_which_no_face_was_found_are_counted_once(config):
    cfg = config(*CAER_NET_S)
    with pytest.warns(UserWarning, match=r"^no face is hidden in 30 of 300 scenes of .*: none was found there"):
        build_data(cfg, without_boxes(Store(cfg.store), lambda i: i % 10 == 0))


def test_a_store_without_boxes_is_refused_where_faces_are_hidden(config):
    cfg = config(*CAER_NET_S)
    with pytest.raises(
        DataError, match=r"caer_net_s reads scenes in which the face is hidden, .* has no box of any face"
    ):
        build_data(cfg, without_boxes(Store(cfg.store), lambda i: True))
    cfg = config(*CMGCN)
    assert build_data(cfg, without_boxes(Store(cfg.store), lambda i: True)).hide_face is False


def test_no_face_is_hidden_without_a_scene(config):
    cfg = config(*CAER_NET_S, "inputs.context=false")
    with pytest.raises(ConfigError, match=r"but no scene is read; set inputs.context=true"):
        build_data(cfg, Store(cfg.store))


def of_own(fits=None, fit=True):
    """A loss of somebody who writes their first one."""
    loss = torch.nn.CrossEntropyLoss()
    if fits is not None:
        loss.fits = fits
    if fit:
        loss.fit = lambda labels: None
    return loss


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (of_own(), r"CrossEntropyLoss has fit\(labels\), but no fits"),
        (of_own(("expression",), fit=False), r"CrossEntropyLoss has fits, but no fit\(labels\)"),
        (of_own("expression"), r"expected CrossEntropyLoss.fits as a tuple of names, such as \('expression',\)"),
        (of_own(("expresion",)), r"fits names 'expresion', which is no label; .*did you mean 'expression'"),
    ],
)
def test_a_loss_that_would_not_be_fitted_is_refused(config, loss, message):
    cfg = config("method=softmax", "backbone=lenets", "augment.size=28", "augment.shift=0")
    data = build_data(cfg, Store(cfg.store))
    method, _ = build_method(cfg, data)
    method.objective.losses["own"] = loss
    with pytest.raises(ConfigError, match=message):
        require_labels(run_options(cfg), method, data)


def test_a_metric_that_reads_a_column_that_does_not_exist_is_refused(config):
    cfg = config("method=softmax", "backbone=lenets", "augment.size=28", "augment.shift=0")
    cfg.metrics.mcc.reads = ["expression", "probabilties"]
    with pytest.raises(ConfigError, match=r"metric 'mcc' reads 'probabilties', .*did you mean 'probabilities'"):
        build_method(cfg, build_data(cfg, Store(cfg.store)))
