"""Batches of events as SDKs send them: gzip, a thousand each, every unit and payload its own."""

import gzip
from random import Random
from time import time
from typing import Any
from uuid import UUID

import msgspec

EVENTS = 1_000


def batch(luck: Random, version: int) -> bytes:
    """One body: a third are exposures, the rest outcomes."""
    now = int(time() * 1000)
    return gzip.compress(msgspec.json.encode([_event(luck, now, version, n) for n in range(EVENTS)]), 6)


def payload(luck: Random) -> str:
    return str(UUID(int=luck.getrandbits(128)))


def _event(luck: Random, now: int, version: int, number: int) -> dict[str, Any]:
    context = {"kind": "user", "key": payload(luck), "plan": "gold", "country": "de"}
    if number % 3 == 0:
        return {
            "kind": "feature",
            "creationDate": now - number,
            "key": "checkout",
            "value": True,
            "default": False,
            "version": version,
            "variation": number % 2,
            "reason": {"kind": "FALLTHROUGH", "inExperiment": True},
            "context": context,
        }
    return {
        "kind": "custom",
        "creationDate": now - number,
        "key": "purchase",
        "context": context,
        "metricValue": 49.5,
        "data": {"order": payload(luck)},
    }
