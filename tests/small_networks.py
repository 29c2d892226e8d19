"""Small networks of every choice of `fercli train`, before their training."""

from fercli.datasets.splits import split_rows
from fercli.datasets.store import Store
from fercli.engine.build import build_method, face_data
from fercli.inference.model import Model
from fercli.inference.network import RunNetwork
from fercli.methods.shown import CutsPatches
from fercli.preprocess.context import Context
from fercli.preprocess.crop import Crop

SMALL_ATTENTION = "head.widths=[64,32,8]"
SMALL = {
    "dacl": [SMALL_ATTENTION],
    "dlga": ["backbone.width=4", "head.hidden=8", "augment.size=64"],
    "clips": ["backbone.width=2", "backbone.dim=8", "augment.size=32", "trainer.batch_size=4"],
    "balanced": ["sampler.num_samples=1"],
    "caer_net": ["inputs.clip={length: 8, stride: 8}", "augment.size=32", "trainer.batch_size=4"],
}
SMALL_METHODS = {
    "dacl": SMALL["dacl"],
    "gated_dacl": SMALL["dacl"],
    **dict.fromkeys(("dlga_cnn", "la_cnn", "ga_cnn", "lga_cnn"), SMALL["dlga"]),
    **dict.fromkeys(("dj_ldml", "clip_regression", "clip_label_distribution"), SMALL["clips"] + SMALL["balanced"]),
    "caer_net": SMALL["caer_net"],
}
OWN_BACKBONE = ("dlga_cnn", "la_cnn", "ga_cnn", "lga_cnn", "dj_ldml", "clip_regression", "clip_label_distribution")
OWN_BACKBONE += ("cmgcn_emotion", "cmgcn_depression", "caer_net_s", "caer_net")


def built(cfg):
    """The data and the method of a configuration; the drawn faces stand for any data set."""
    store = Store(cfg.store)
    selection = cfg.selection
    data = face_data(cfg, store, split_rows(store, selection.rule, selection.holdout, cfg.seed, cfg.num_train_rows))
    method, _ = build_method(cfg, data)
    return data, method


def model_of(cfg):
    """The model of a configuration before its training; the drawn faces stand for any data set."""
    data, method = built(cfg)
    (batch,) = data.rows_dataloader(data.split.train[: 16 if cfg.inputs.clip else 2])
    scene = None if batch.context is None else Context(True, *batch.context.shape[-2:])
    clip = cfg.inputs.clip
    return Model(
        name="small",
        network=RunNetwork(method.eval(), len(data.store.classes)),
        classes=data.store.classes,
        crop=Crop(batch.image.shape[-1]),
        context=scene,
        clip=None if clip is None else (clip.length, clip.stride),
        cuts_patches=isinstance(method, CutsPatches),
    )


def of_method(small_model, name):
    return small_model(
        f"method={name}", *SMALL_METHODS.get(name, []), backbone=None if name in OWN_BACKBONE else "lenets"
    )
