"""What the server of `fercli.launch.warm` imports when it starts, so that its children find it loaded."""

import atexit
import gc

from fercli.launch.warm import load
from fercli.process import collect_garbage_less_often

collect_garbage_less_often()
load()
gc.collect()
gc.freeze()  # a collection in a child would write to all objects, and so copy the memory that it shares
atexit.register(gc.unfreeze)  # otherwise libraries complain that their objects are never freed
