"""Every kind of instruction that a semantic patch to a flag may hold."""

from functools import reduce
from operator import or_
from types import ModuleType
from typing import Any

from equipoise.dialects.launchdarkly.flags import everywhere, instructions
from equipoise.dialects.launchdarkly.flags.instructions import Instruction


def _kinds(of: ModuleType) -> dict[str, type[Instruction]]:
    """Those that a module defines; a base of others is none."""
    found = (each for each in vars(of).values() if isinstance(each, type) and issubclass(each, Instruction))
    return {str(kind.__struct_config__.tag): kind for kind in found if not kind.__subclasses__()}


KINDS = _kinds(instructions) | _kinds(everywhere)
AnyInstruction: Any = reduce(or_, KINDS.values())
