"""What our evaluator answers of flags that a server delivered, LaunchDarkly's published SDK answers too."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import ldclient
import pytest
from ldclient.config import Config
from msgspec.structs import replace

from equipoise.application.ports import Entry, Store
from equipoise.delivery.following import NOTHING, look
from equipoise.domain.clauses import Clause
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import Start
from equipoise.domain.experiment.readiness import facts_of
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.state import Fixed, Flag, Rollout, Rule, Target, Targeting, Weighted
from equipoise.domain.identity import Place as Home
from equipoise.domain.labels import Archive, Delete
from equipoise.domain.limits import VALUE_LEVELS_MAX
from equipoise.domain.snapshot import Snapshot
from equipoise.evaluation.compile import compile
from equipoise.evaluation.context import context
from equipoise.evaluation.machine import Machine
from tests.evaluation import random_data
from tests.evaluation.answers import alike, reason_document
from tests.evaluation.stored_flags import ARCHIVED, DELETED, experiments, plain, stored
from tests.flows.events import sdk_key
from tests.flows.stores import opened
from tests.flows.test_sdk_delivery import eventually
from tests.served import Place, Server, serving
from tests.storage.desk import AT, bear, birth, change
from tests.summaries import SUMMARY

FLAGS, RUNNING = 50, 15
UNITS, UNITS_FULL = 300, 20_000
START_SECONDS_MAX = 20
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


def fill(store: Store, seed: int) -> None:
    """Flags, some of which need what is not served, and experiments that run on some."""
    random = Random(seed)
    flags = stored(random, FLAGS)
    force(store, *flags)
    bear(store, FLAG, plain(ARCHIVED), plain(DELETED))
    change(store, FLAG, plain(ARCHIVED).id, Archive())
    change(store, FLAG, plain(DELETED).id, Delete())
    startable = [flag for flag in flags if flag.in_environment("production").on][:RUNNING]
    for at, experiment in enumerate(experiments(random, startable)):
        bear(store, EXPERIMENT, experiment)
        start = Start(facts_of(startable[at], "production"))
        change(store, EXPERIMENT, experiment.id, start, at=AT + at)  # the moment gives the seed


def shown(store: Store) -> Snapshot:
    """What the store has production serve."""
    with store.read() as reader:
        here = reader.named(ENVIRONMENT, Home("default"), "production")
    assert here is not None
    return look(store, NOTHING, (here.id,)).snapshots[here.id]


@contextmanager
def sdk(server: Server, stream: bool) -> Iterator[Any]:
    options: Any = dict.fromkeys(("base_uri", "stream_uri", "events_uri"), server.url)
    config = Config(sdk_key(server), **options, stream=stream, send_events=False)
    client: Any = ldclient.LDClient(config, start_wait=START_SECONDS_MAX)
    try:
        assert client.is_initialized()
        yield client
    finally:
        client.close()


def agree(client: Any, machine: Machine, random: Random, units: int) -> dict[tuple[str, bool], int]:
    """How often each reason was given. Every value, index and reason must be the same to the type."""
    reasons: dict[tuple[str, bool], int] = {}
    for _ in range(units):
        document = random_data.context(random)
        ours, theirs = context(document), ldclient.Context.from_dict(document)
        for key in machine.ruleset.flags:
            mine, detail = machine.decide(key, ours, "mine"), client.variation_detail(key, theirs, "mine")
            said = mine.value, mine.variation, reason_document(mine.reason)
            assert alike(said[:2], (detail.value, detail.variation_index)), (key, document, said, detail)
            assert said[2] == detail.reason, (key, document, said, detail)
            which = detail.reason["kind"], detail.reason.get("inExperiment", False)
            reasons[which] = reasons.get(which, 0) + 1
    return reasons


def running(snapshot: Snapshot) -> int:
    """How many flags serve an experiment that runs."""
    seeds = {
        serve.seed
        for served in snapshot.flags.values()
        for serve in (served.targeting.fallthrough, *(rule.serve for rule in served.targeting.rules))
        if isinstance(serve, Rollout) and serve.experiment and serve.outside
    }
    assert len(seeds) == len(snapshot.overlays)
    return len(seeds)


@pytest.mark.parametrize("seed", [1, 2])
def test_over_the_wire_every_arm_and_reason_is_our_own(seed: int, tmp_path: Path) -> None:
    place = Place(tmp_path / "data")
    with serving(place) as server, opened(place) as store:
        fill(store, seed)
        snapshot = shown(store)
        assert (len(snapshot.flags), running(snapshot)) == (FLAGS, RUNNING)
        machine = Machine(compile(snapshot))
        for stream in (True, False):
            with sdk(server, stream) as client:
                assert agree(client, machine, Random(seed), UNITS).keys() == REASONS


@pytest.mark.full
@pytest.mark.parametrize("stream", [True, False], ids=["stream", "polling"])
def test_twenty_thousand_contexts_agree_over_the_wire(
    stream: bool, tmp_path: Path, record_property: Any
) -> None:
    place = Place(tmp_path / "data")
    with serving(place) as server, opened(place) as store:
        fill(store, 59)
        machine = Machine(compile(shown(store)))
        with sdk(server, stream) as client:
            reasons = agree(client, machine, Random(59), UNITS_FULL)
    assert sum(reasons.values()) == FLAGS * UNITS_FULL
    arms = sum(many for (_, arm), many in reasons.items() if arm)
    record_property(
        f"{SUMMARY}delivered by {'stream' if stream else 'polling'}",
        f"{UNITS_FULL} contexts x {FLAGS} flags agree with the published client, {arms} in an experiment",
    )


HUGE = 10**400  # JSON can say it, no double can hold it


def deep(levels: int) -> Any:
    """So many arrays, each within another."""
    found: Any = []
    for _ in range(levels - 1):
        found = [found]
    return found


def odd_clause(**fields: Any) -> Flag:
    """Who has a country gets the first variation, everybody else the second; but for the oddness."""
    key = fields.pop("key")
    flag = plain(key)
    first, second, _ = (each.id for each in flag.variations)
    clause = replace(Clause("c", "country", "in", ("NL",)), **fields)
    rule = Rule("r", (clause,), Fixed(first))
    targeting = Targeting(on=True, off_variation=second, fallthrough=Fixed(second), rules=(rule,))
    return replace(flag, targeting={"production": targeting})


def odd_flag(key: str, value: Any = "x", **fields: Any) -> Flag:
    """Its first variation has the value, and is served."""
    flag = plain(key)
    first = replace(flag.variations[0], value=value)
    targeting = replace(Targeting(True, first.id, Fixed(first.id)), **fields)
    return replace(flag, variations=(first, *flag.variations[1:]), targeting={"production": targeting})


GONE = "a variation that is gone"
MALFORMED = {"kind": "ERROR", "errorKind": "MALFORMED_FLAG"}
FALLTHROUGH = {"kind": "FALLTHROUGH"}
OFFERED = {  # key of the flag -> the flag, what a Dutch user gets, what an organisation gets
    "huge-value": (odd_flag("huge-value", HUGE), MALFORMED, MALFORMED),
    "huge-within": (odd_flag("huge-within", {"a": [-HUGE]}), MALFORMED, MALFORMED),
    "deep-value": (odd_flag("deep-value", deep(VALUE_LEVELS_MAX)), FALLTHROUGH, FALLTHROUGH),
    "deeper-value": (odd_flag("deeper-value", deep(VALUE_LEVELS_MAX + 1)), MALFORMED, MALFORMED),
    "bottomless-value": (odd_flag("bottomless-value", deep(900)), MALFORMED, MALFORMED),
    "huge-instant": (odd_clause(key="huge-instant", op="before", values=(HUGE,)), MALFORMED, MALFORMED),
    "huge-bound": (odd_clause(key="huge-bound", op="lessThan", values=(HUGE,)), MALFORMED, MALFORMED),
    "nowhere": (odd_clause(key="nowhere", attribute="//", negate=True), MALFORMED, MALFORMED),
    "no-text": (
        odd_clause(key="no-text", op="segmentMatch", attribute="", values=([1], {"a": 1}, None, 5)),
        FALLTHROUGH,
        FALLTHROUGH,
    ),
    "no-pattern": (odd_clause(key="no-pattern", op="matches", values=("(", 5)), FALLTHROUGH, FALLTHROUGH),
    "no-version": (
        odd_clause(key="no-version", op="semVerEqual", values=("9" * 5_000, "x.y", None)),
        FALLTHROUGH,
        FALLTHROUGH,
    ),
    "no-type": (odd_clause(key="no-type", op="after", values=(True, [1], {})), FALLTHROUGH, FALLTHROUGH),
    "gone-variation": (odd_flag("gone-variation", fallthrough=Fixed(GONE)), MALFORMED, MALFORMED),
    "no-slots": (odd_flag("no-slots", fallthrough=Rollout(())), MALFORMED, MALFORMED),
    "by-nothing": (
        odd_flag("by-nothing", fallthrough=Rollout((Weighted("by-nothing.0", 100_000),), bucket_by="/")),
        MALFORMED,
        MALFORMED,
    ),
    "gone-target": (odd_flag("gone-target", targets=(Target(GONE, ("anna",)),)), MALFORMED, FALLTHROUGH),
    "no-operator": (odd_clause(key="no-operator", op="newOperator"), FALLTHROUGH, FALLTHROUGH),
}


def force(store: Store, *flags: Flag) -> None:
    """Stores them past every rule, as a version that had others may have done."""
    outcomes = [birth(FLAG, plain(flag.key)) for flag in flags]
    with store.write() as transaction:
        forced = [replace(each, after=flag) for each, flag in zip(outcomes, flags, strict=True)]
        transaction.settle(forced, Entry(AT, "somebody", "test"))


def test_an_odd_flag_keeps_no_sdk_from_starting_and_gives_nobody_a_wrong_arm(tmp_path: Path) -> None:
    place = Place(tmp_path / "data")
    dutch = {"kind": "user", "key": "anna", "country": "NL"}
    with serving(place) as server, opened(place) as store:
        force(store, *(flag for flag, _, _ in OFFERED.values()), plain("sound"))
        machine = Machine(compile(shown(store)))
        assert machine.ruleset.flags.keys() == {*OFFERED, "sound"}
        for stream in (True, False):
            with sdk(server, stream) as client:
                for at, document in ((1, dutch), (2, {"kind": "org", "key": "acme"})):
                    who = ldclient.Context.from_dict(document)
                    assert client.variation("sound", who, "mine") is False
                    for key, offered in OFFERED.items():
                        detail = client.variation_detail(key, who, "mine")
                        assert detail.reason == offered[at], (key, document)
                        assert (detail.value == "mine") is (detail.reason == MALFORMED)
                agree(client, machine, Random(7), 50)


def test_an_odd_flag_that_comes_while_an_sdk_listens_stops_no_other_change(tmp_path: Path) -> None:
    place = Place(tmp_path / "data")
    with serving(place) as server, opened(place) as store:
        bear(store, FLAG, plain("sound"))
        with sdk(server, stream=True) as client:
            for flag, _, _ in OFFERED.values():
                force(store, flag)
            bear(store, FLAG, plain("last"))
            who = ldclient.Context.create("anna")
            eventually(lambda: client.variation("last", who, "mine") is False)
            assert client.variation("sound", who, "mine") is False
            agree(client, Machine(compile(shown(store))), Random(8), 20)
