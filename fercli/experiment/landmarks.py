"""Where the landmarks of a run come from, for the methods that place patches by them."""

from fercli.datasets.datamodule import FaceData
from fercli.methods.base import Method

GENERIC = "generic"


def landmark_source(method: Method, data: FaceData) -> str:
    """The field `landmarks` of the protocol of a run.

    Looks at the rows that are evaluated and at those that were trained on, where the data name them.

    Returns:
        `generic` where no row has 68 landmarks, so that every face gets those of a generic face; `generic for some
        faces` where some have none; else `dlib, 68 points`, or `data set, 68 points` of the data set's own files. ""
        for a method that uses no landmarks.
    """
    if not method.uses_landmarks:
        return ""
    store, split = data.store, data.split
    has = [*store.has_landmarks[split.evaluation], *store.has_landmarks[split.train]]
    if not all(has):
        return f"{GENERIC} for some faces" if any(has) else GENERIC
    return "dlib, 68 points" if "landmarks" in store.meta.get("options", {}) else "data set, 68 points"
