"""Flags that make no sense, as another version may have stored them, and LaunchDarkly's published SDK: it is
delivered what keeps it from no other flag, and gives nobody a wrong arm."""

from pathlib import Path
from random import Random
from typing import Any

import ldclient
from msgspec.structs import replace

from equipoise.domain.clauses import Clause
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.state import Fixed, Flag, Rollout, Rule, Target, Targeting, Weighted
from equipoise.domain.limits import VALUE_LEVELS_MAX
from equipoise.evaluation.compile import compile
from equipoise.evaluation.context import context
from equipoise.evaluation.machine import Machine
from tests.evaluation import random_data
from tests.evaluation.answers import alike, reason_document
from tests.evaluation.stored_flags import plain
from tests.flows.furnished import shown
from tests.flows.stores import opened
from tests.flows.test_sdk_delivery import eventually
from tests.flows.voices import python_sdk
from tests.served import Place, serving
from tests.storage.desk import bear, force

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


def agree(client: Any, machine: Machine, random: Random, units: int) -> None:
    """Every value, index and reason is the same to the type."""
    for _ in range(units):
        document = random_data.context(random)
        ours, theirs = context(document), ldclient.Context.from_dict(document)
        for key in machine.ruleset.flags:
            mine, detail = machine.decide(key, ours, "mine"), client.variation_detail(key, theirs, "mine")
            said = mine.value, mine.variation
            assert alike(said, (detail.value, detail.variation_index)), (key, document, said, detail)
            assert reason_document(mine.reason) == detail.reason, (key, document, said, detail)


def test_an_odd_flag_keeps_no_sdk_from_starting_and_gives_nobody_a_wrong_arm(tmp_path: Path) -> None:
    place = Place(tmp_path / "data")
    dutch = {"kind": "user", "key": "anna", "country": "NL"}
    with serving(place) as server, opened(place) as store:
        force(store, *(flag for flag, _, _ in OFFERED.values()), plain("sound"))
        machine = Machine(compile(shown(store)))
        assert machine.ruleset.flags.keys() == {*OFFERED, "sound"}
        for stream in (True, False):
            with python_sdk(server, stream) as client:
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
        with python_sdk(server, stream=True) as client:
            for flag, _, _ in OFFERED.values():
                force(store, flag)
            bear(store, FLAG, plain("last"))
            who = ldclient.Context.create("anna")
            eventually(lambda: client.variation("last", who, "mine") is False)
            assert client.variation("sound", who, "mine") is False
            agree(client, Machine(compile(shown(store))), Random(8), 20)
