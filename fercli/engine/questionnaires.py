"""Which of several questionnaires of a store a training learns."""

from fercli.config import Config
from fercli.datasets.store import Store
from fercli.errors import ConfigError, printable


def store_of(cfg: Config) -> Store:
    """Return the store of a configuration, with the questionnaire that it names.

    Raises:
        ConfigError: it names none of several, or one where the store has a single score.
        DataError: there is no such store, or no such questionnaire.
    """
    return with_score(Store(cfg.store), cfg.get("score"))


def with_score(store: Store, score: str | None) -> Store:
    """Return a store with the questionnaire that a configuration names.

    Raises:
        ConfigError: it names none of several, or one where the store has a single score.
        DataError: there is no such questionnaire.
    """
    store = Store(store.path, score) if store.questionnaires and score is not None else store
    if store.questionnaires and store.score is None:
        raise ConfigError(f"{store.path} holds several questionnaires: add score={' or '.join(store.questionnaires)}")
    if score is not None and not store.questionnaires:
        raise ConfigError(f"{store.path} holds no questionnaires to choose from; leave out score={printable(score)}")
    return store
