"""Exposures of what is decided here, as `decode` reads them from a body."""

from collections.abc import Mapping
from functools import partial

import msgspec

from equipoise.application.exposures import Exposures
from equipoise.dialects.ofrep.contexts import Parts
from equipoise.dialects.ofrep.documents import Shown, Tracked
from equipoise.domain.identity import Id
from equipoise.domain.limits import EXPOSURE_ATTRIBUTES_BYTES_MAX
from equipoise.evaluation.decision import Decision
from equipoise.evaluation.targeting import MULTI, USER

DIALECT_NAME = "ofrep"
_encode = msgspec.json.Encoder().encode


def expose(exposures: Exposures, environment: Id, parts: Parts, key: str, decision: Decision) -> None:
    """Says that a unit was decided for inside an experiment; it waits for nothing."""
    rule = decision.reason.rule
    user = parts.get(USER)
    units = user["key"] if user is not None and len(parts) == 1 else _units(parts)
    name = (key, decision.version, rule, units)
    exposures.offer(DIALECT_NAME, environment, name, partial(_written, key, decision, rule, parts))


def _units(parts: Parts) -> tuple[tuple[str, str], ...]:
    return tuple((kind, part["key"]) for kind, part in parts.items())


def _written(key: str, decision: Decision, rule: str, parts: Parts, at_ms: int) -> bytes:
    shown = Shown(key, decision.version, rule, decision.variation, True)
    written = _event(shown, parts, at_ms)
    if len(written) > EXPOSURE_ATTRIBUTES_BYTES_MAX:
        written = _event(shown, {kind: {"key": part["key"]} for kind, part in parts.items()}, at_ms)
    return written


def _event(shown: Shown, parts: Mapping[str, Mapping[str, object]], at_ms: int) -> bytes:
    return _encode(Tracked({"kind": MULTI, **parts}, exposure=shown, at=at_ms))
