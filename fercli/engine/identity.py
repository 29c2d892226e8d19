"""What identifies the data of a training. Imports no network library, because planning needs it."""

from fercli.config import Config, require
from fercli.datasets.store import Store


def data_fingerprint(cfg: Config, store: Store) -> str:
    """Fingerprint of all data that a training sees: of its store, and of that of its mean passer."""
    if cfg.passer is None:
        return store.fingerprint
    require(cfg, "passer.store")
    return f"{store.fingerprint}+{Store(cfg.passer.store).fingerprint}"
