"""A journal, a lake and a store with an experiment that runs; a decoder that reads plain text."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from equipoise.application.lake import Kind
from equipoise.application.ports import Store
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.state import Experiment
from equipoise.domain.flag import FLAG
from equipoise.domain.records import Dead, Decoded, Done, Received, Seen
from equipoise.events import segments
from equipoise.events.compaction import Workshop
from equipoise.events.parquet import Lake
from tests.domain.builders import ID, a_flag, a_targeting, an_environment
from tests.domain.experiment.examples import a_start, an_experiment
from tests.storage.desk import bear, change

HERE = an_environment().id
NOW_MS = 1_760_000_000_000
NOW = NOW_MS * 1_000
STARTED = 4  # the version of the flag once the experiment runs


def decode(received: Received) -> Iterator[Decoded]:
    """A word each: `seen:UNIT:INDEX[:VERSION]`, `done:UNIT`, anything else is dead; `boom` is a fault."""
    for word in received.body.decode().split():
        kind, _, rest = word.partition(":")
        if kind == "seen":
            unit, index, *version = rest.split(":")
            number = int(version[0]) if version else STARTED
            yield Seen("checkout", number, "fallthrough", int(index), {"user": unit}, received.received_at)
        elif kind == "done":
            yield Done("purchase", {"user": rest}, received.received_at, 2.5, '{"n":1}')
        elif kind == "boom":
            raise RuntimeError("a fault of the decoder")
        else:
            yield Dead("malformed", word.encode())


class Place:
    """What a compactor works on, with a clock that stands still."""

    def __init__(self, folder: Path, store: Store, **decoders: Any) -> None:
        self.journal, self.store = folder / "journal", store
        self.journal.mkdir()
        self.lake = Lake.at(folder / "lake")
        self.now_ms = NOW_MS
        self.shop = Workshop(
            self.journal, store, self.lake, decoders or {"text": decode}, lambda: self.now_ms
        )

    def start_experiment(self) -> Experiment:
        bear(self.store, ENVIRONMENT, an_environment())  # 1
        bear(self.store, FLAG, a_flag(id=ID, targeting={"production": a_targeting()}))  # 2
        experiment = an_experiment()
        bear(self.store, EXPERIMENT, experiment)  # 3
        started: Experiment = change(self.store, EXPERIMENT, experiment.id, a_start())  # 4
        return started

    def segment(self, *bodies: Received, sealed: bool = True, torn: bytes = b"") -> Path:
        path, descriptor = segments.begin(self.journal)
        os.write(descriptor, b"".join(map(segments.frame, bodies)) + torn)
        if sealed:
            os.close(descriptor)
        return path

    def rows(self, kind: Kind) -> list[dict[str, Any]]:
        """Of all files that the manifest names."""
        with self.store.read() as reader:
            files = [file for file in reader.every_file() if file.kind is kind]
        return [row for file in files for row in self.lake.read(file.path).to_pylist()]


def a_body(text: str, payload: str = "p", **fields: Any) -> Received:
    said = {"dialect": "text", "environment": HERE, "received_at": NOW, **fields}
    return Received(payload=payload, body=text.encode(), **said)
