"""What the server of `fercli.launch.warm` imports when it starts, so that its children find it loaded."""

import atexit
import gc
import os

from fercli.launch.warm import load
from fercli.process import collect_garbage_less_often

collect_garbage_less_often()
load()
gc.collect()
gc.freeze()  # a collection in a child would write to all objects, and so copy the memory that it shares
_SERVER = os.getpid()


def _leave() -> None:
    """End the server, but no child of it: Python would free all libraries, object by object, for two seconds."""
    if os.getpid() == _SERVER:
        os._exit(0)


atexit.register(_leave)
