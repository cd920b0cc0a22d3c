"""Of flags that one server delivers, four say the same: LaunchDarkly's published SDKs for Python and Node,
our own SDK, and OFREP."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from equipoise.domain.allocation import SHARE_WHOLE
from equipoise.domain.gates import Gate
from equipoise.evaluation.bucketing import bucket, digits
from equipoise.evaluation.compile import compile
from equipoise.evaluation.decision import Decision
from tests.evaluation import random_data
from tests.fixtures_store import Postgres
from tests.flows.furnished import Furnished, furnish
from tests.flows.stores import opened
from tests.flows.voices import Document, Voices, voices
from tests.served import Place, serving
from tests.summaries import SUMMARY

UNITS, UNITS_FULL = 5_000, 100_000
TOGETHER, OTHERS = 100, 4
LEAST = 20  # of units, where something is to have come about at all
REASONS = {
    ("ERROR", False),
    ("OFF", False),
    ("TARGET_MATCH", False),
    ("PREREQUISITE_FAILED", False),
    ("RULE_MATCH", False),
    ("RULE_MATCH", True),
    ("FALLTHROUGH", False),
    ("FALLTHROUGH", True),
}
NOBODY: tuple[Document, ...] = (
    {"kind": "user", "key": ""},
    {"kind": "org", "key": "", "name": "acme"},
    {"kind": "multi", "user": {"key": "anna"}, "org": {"key": ""}},
)


class Met:
    """What came about among what was decided."""

    def __init__(self, furnished: Furnished) -> None:
        self._fences, self._overlays = furnished.fences, furnished.snapshot.overlays
        self.reasons: Counter[tuple[str, bool]] = Counter()
        self.arms: Counter[tuple[str, int | None]] = Counter()
        self.held_out: Counter[str] = Counter()
        self.kept_out: Counter[str] = Counter()

    def note(self, document: Document, decided: dict[str, Decision]) -> None:
        for key, decision in decided.items():
            counts = decision.reason.in_experiment
            self.reasons[str(decision.reason.kind), counts] += 1
            if counts:
                self.arms[key, decision.variation] += 1
        user = document if document["kind"] == "user" else document.get("user")
        if user is not None:
            self._note_fences(user["key"], decided)

    def _note_fences(self, unit: str, decided: dict[str, Decision]) -> None:
        """Nobody is in an experiment that a holdout or a layer keeps them out of, nor in two of a layer."""
        counted = Counter[str]()
        for key, fence in self._fences.items():
            inside = decided[key].reason.in_experiment
            held_out, kept_out = out(fence.holdout, unit), out(fence.layer, unit)
            assert not (inside and (held_out or kept_out)), (key, unit)
            self.held_out[key] += held_out
            self.kept_out[key] += kept_out
            if fence.layer is not None:
                counted[fence.layer.salt] += inside
        assert set(counted.values()) <= {0, 1}, unit

    def check(self) -> None:
        assert self.reasons.keys() == REASONS
        for key, fence in self._fences.items():
            (overlay,) = self._overlays[key]
            arms = {arm.variation for arm in overlay.allocation.arms}
            seen = {f"{other}.{index}" for other, index in self.arms if other == key}
            assert seen >= arms, (key, arms, seen)
            assert fence.holdout is None or self.held_out[key] > LEAST
            assert fence.layer is None or self.kept_out[key] > LEAST


def out(gate: Gate | None, unit: str) -> bool:
    """Whether the gate keeps the unit out: reckoned here, by what its salt is for."""
    if gate is None:
        return False
    at = bucket(digits(f"{gate.salt}.{unit}")) * SHARE_WHOLE
    return not any(low <= at < high for low, high in gate.ranges)


def agree(heard: Voices, furnished: Furnished, seed: int, units: int) -> Met:
    """Every value, variation and reason is the same: of every flag, but that the slow one is asked for those
    under experiment and some of the others."""
    random, met = Random(seed), Met(furnished)
    under = list(furnished.snapshot.overlays)
    others = [key for key in furnished.snapshot.flags if key not in furnished.snapshot.overlays]
    for documents in batches(random, units):
        ours = heard.decisions(documents)
        heard.hold_python(documents, [*under, *random.sample(others, OTHERS)], ours)
        heard.hold_node(documents, ours)
        heard.hold_ofrep(documents, ours)
        for document, decided in zip(documents, ours, strict=True):
            met.note(document, decided)
    return met


def batches(random: Random, units: int) -> Iterator[list[Document]]:
    for _ in range(0, units, TOGETHER):
        yield [random_data.odd_context(random) for _ in range(TOGETHER)]


def of_four(place: Place, seed: int, units: int) -> Met:
    with serving(place) as server, opened(place) as store:
        furnished = furnish(store, seed)
        with voices(server, stream=False) as polled:
            assert polled.own.ruleset == compile(furnished.snapshot)
            agree(polled, furnished, seed, TOGETHER)
        with voices(server, stream=True) as streamed:
            assert streamed.own.ruleset == compile(furnished.snapshot)
            for document in NOBODY:
                streamed.refuse(document, list(furnished.fences))
            return agree(streamed, furnished, seed, units)


def test_four_agree_on_every_arm_of_five_thousand_contexts(tmp_path: Path) -> None:
    of_four(Place(tmp_path / "data"), 59, UNITS).check()


@pytest.mark.full
def test_four_agree_on_every_arm_of_a_hundred_thousand_contexts(
    tmp_path: Path, postgres: Postgres, record_property: Any
) -> None:
    with postgres.database() as url:
        met = of_four(Place(tmp_path / "data", url), 828, UNITS_FULL)
    met.check()
    sides = met.arms, met.kept_out, met.held_out
    inside, kept_out, held_out = (sum(each.values()) for each in sides)
    said = (
        f"{sum(met.reasons.values())} decisions of {UNITS_FULL} contexts are the same in LaunchDarkly's SDKs "
        "for Python and Node, in ours and by OFREP: "
        f"{inside} in an arm, {kept_out} kept out by a layer, {held_out} held out"
    )
    record_property(f"{SUMMARY}agreement of four", said)
