"""SciPy's special functions. They are imported when the first of them is asked for: whoever starts a server,
or a command that shows no result, need not wait for them."""

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    found = globals()[name] = getattr(import_module("scipy.special"), name)
    return found
