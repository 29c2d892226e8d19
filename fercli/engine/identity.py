"""The identity of a training's data. This module imports no network library, because planning uses it."""

from fercli.config import Config, require
from fercli.datasets.store import Store


def data_fingerprint(cfg: Config, store: Store) -> str:
    """Return the fingerprint of all data of a training: its store, joined with the store of a mean passer if any."""
    if cfg.passer is None:
        return store.fingerprint
    require(cfg, "passer.store")
    return f"{store.fingerprint}+{Store(cfg.passer.store).fingerprint}"
