"""Patches of documents: what a JSON patch or a merge patch changes in what we show."""

from typing import Any

import msgspec
from msgspec import UNSET, Struct

from equipoise.dialects.launchdarkly.patches import Patch
from equipoise.domain.errors import Invalid, Violation, check
from equipoise.translation.decode import convert
from equipoise.translation.intents import by_edit


def edited(patch: Patch, shown: Struct, changeable: type[Struct]) -> dict[str, Any]:
    """The fields that a patch changes in the document shown, by their names, each of the type it must have.

    raises  Invalid for what may not be changed, or not so; PatchFailed when the patch cannot be applied
    """
    if patch.edit is None:
        raise Invalid(Violation("instructions", "are not taken here; send a JSON patch"))
    changed = by_edit(patch.edit, msgspec.to_builtins(shown))
    known = {field.encode_name: field.name for field in msgspec.structs.fields(changeable)}
    check(*(name in known or Violation(name, "cannot be changed") for name in changed))
    typed = convert(changed, changeable)
    said = {name: getattr(typed, field) for name, field in known.items()}
    return {name: value for name, value in said.items() if value is not UNSET}
