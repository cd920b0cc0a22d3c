"""Payloads as the published Python SDK reads and evaluates them."""

import json
from collections.abc import Mapping
from typing import Any

import ldclient
from ldclient.config import Config
from ldclient.feature_store import InMemoryFeatureStore
from ldclient.impl.model import FeatureFlag
from ldclient.versioned_data_kind import FEATURES, SEGMENTS

from equipoise.dialects.launchdarkly.sdk import payload
from equipoise.domain.snapshot import Served, Snapshot
from tests.domain.builders import an_environment


def a_snapshot(*served: Served, number: int = 9) -> Snapshot:
    return Snapshot(an_environment(), number, {each.flag.key: each for each in served})


def decoded(snapshot: Snapshot) -> Any:
    return json.loads(payload.document(snapshot))


def flag_data(served: Served, *others: Served) -> Any:
    return decoded(a_snapshot(served, *others))["flags"][served.flag.key]


class Reader:
    """An SDK that was given this document, as a stream's `put` gives it: types are checked on the way in."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        for each in document["flags"].values():
            FeatureFlag(each)
        store: Any = InMemoryFeatureStore()  # type: ignore[no-untyped-call]
        store.init({FEATURES: document["flags"], SEGMENTS: document["segments"]})
        self._client: Any = ldclient.LDClient(
            Config("sdk-offline", feature_store=store, use_ldd=True, send_events=False), start_wait=1
        )

    def detail(self, flag: str, context: Any, default: Any = "default") -> Any:
        return self._client.variation_detail(flag, context, default)

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()


def read(*served: Served) -> Reader:
    return Reader(decoded(a_snapshot(*served)))
