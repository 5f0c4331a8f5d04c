"""Python's collector of rings, set for a process that has loaded what it keeps."""

from __future__ import annotations

import gc
from typing import Final

YOUNG: Final = 10_000
"""So many new objects are looked through at once; at the usual 700 a verification is broken off several times."""


def settle() -> None:
    """To be called once when everything is loaded.

    What is here now stays, so that the collector need not look at it again and again; what comes from now on mostly
    goes by itself, so that it is looked through less often.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
