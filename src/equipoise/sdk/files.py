"""The last ruleset in a file, so that an application starts while the server is away."""

import os
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp

from equipoise.evaluation.document import decode, encode
from equipoise.evaluation.ruleset import Ruleset


def read(path: Path) -> Ruleset:
    """raises OSError, NoRuleset"""
    return decode(path.read_bytes())


def write(path: Path, ruleset: Ruleset) -> None:
    """Whole or not at all, and for its owner alone: targets may name people. raises OSError"""
    handle, beside = mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(encode(ruleset))
        os.replace(beside, path)
    except OSError:
        with suppress(OSError):
            os.unlink(beside)
        raise
