"""Rulesets as documents: the same ruleset where they are read, the same bytes wherever they are written."""

import json
from collections.abc import Callable
from math import isfinite
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.evaluation.context import Context, context
from equipoise.evaluation.document import (
    FORMAT,
    Changes,
    NoRuleset,
    decode,
    decode_changes,
    encode,
    encode_changes,
)
from equipoise.evaluation.machine import Machine
from equipoise.evaluation.ruleset import Keys, RuledFlag, Ruleset, Segment, Target
from tests.evaluation import random_data, strategies
from tests.evaluation.wire import ruleset

SIMPLE = RuledFlag("simple", 3, True, "salt", ("a", 1, 1.0, True), None, 0)


def sayable(value: Any) -> Any:
    """The same without what JSON has no words for: NaN, infinity, and halves of surrogate pairs."""
    if isinstance(value, float) and not isfinite(value):
        return 0.5
    if isinstance(value, str):
        return value.replace("\ud800", "half")
    if isinstance(value, dict):
        return {name: sayable(each) for name, each in value.items()}
    return [sayable(each) for each in value] if isinstance(value, list | tuple) else value


rulesets = strategies.rulesets.map(
    lambda rules: msgspec.convert(sayable(msgspec.to_builtins(rules, order="deterministic")), Ruleset)
)


@given(rulesets, st.lists(strategies.contexts, min_size=1, max_size=3))
def test_a_ruleset_survives_the_way_and_decides_the_same(rules: Ruleset, contexts: list[Context]) -> None:
    read = decode(encode(rules))
    assert read == rules
    assert encode(read) == encode(rules)
    here, there = Machine(rules), Machine(read)
    for each in contexts:
        for key in rules.flags:
            assert there.decide(key, each, "default") == here.decide(key, each, "default")


@given(st.randoms(use_true_random=False), st.integers(0, 6), st.integers(0, 6))
def test_changes_lead_from_any_ruleset_to_any_other(random: Random, few: int, many: int) -> None:
    before, after = (ruleset(random_data.data(random, flags)) for flags in (few, many))
    changes = Changes(
        {key: flag for key, flag in after.flags.items() if before.flags.get(key) != flag},
        after.segments,
        tuple(before.flags.keys() - after.flags.keys()),
        tuple(before.segments.keys() - after.segments.keys()),
    )
    assert decode_changes(encode_changes(changes)).applied(before) == after


@pytest.mark.parametrize("seed", range(3))
def test_decisions_are_the_same_to_the_type(seed: int) -> None:
    random = Random(seed)
    rules = ruleset(random_data.data(random, 30))
    here, there = Machine(rules), Machine(decode(encode(rules)))
    for document in (random_data.context(random) for _ in range(100)):
        for key in rules.flags:
            mine, theirs = here.decide(key, context(document)), there.decide(key, context(document))
            assert (mine, type(mine.value)) == (theirs, type(theirs.value))


def test_keys_of_targets_stand_in_one_order() -> None:
    """Sets have none, and every worker must answer with the same bytes."""
    keys = [f"key-{number:03}" for number in range(200)]
    rules = Ruleset({"simple": msgspec.structs.replace(SIMPLE, targets=(Target(0, Keys(frozenset(keys))),))})
    assert json.loads(encode(rules))["flags"]["simple"]["targets"][0]["who"]["keys"] == keys


def test_fields_that_are_new_are_passed_over() -> None:
    document = json.loads(encode(Ruleset({"simple": SIMPLE})))
    document["new"] = document["flags"]["simple"]["new"] = {"anything": [1]}
    assert decode(json.dumps(document).encode()) == Ruleset({"simple": SIMPLE})


@pytest.mark.parametrize("read", [decode, decode_changes])
@pytest.mark.parametrize(
    ("document", "said"),
    [
        (b'{"format":%d,"flags":[]}' % (FORMAT + 1), "upgrade the package"),
        (b'{"flags":{}}', "its format is 0"),
        (b'{"format":1,"flags":{"a":{"key":7}}}', "cannot be read"),
        (b'{"format":"1"}', "cannot be read"),
        (b"[]", "cannot be read"),
        (b"\xff", "cannot be read"),
        (b"", "cannot be read"),
        (b'{"format":1,"flags":' + b"[" * 100_000, "cannot be read"),
    ],
)
def test_what_is_no_ruleset_of_this_format_is_refused(
    read: Callable[[bytes], object], document: bytes, said: str
) -> None:
    with pytest.raises(NoRuleset, match=said):
        read(document)


def test_a_flag_that_json_has_no_words_for_serves_nothing_and_harms_no_other() -> None:
    odd = msgspec.structs.replace(SIMPLE, key="odd", salt="\ud800")
    segment = Segment("half", "\ud800")
    read = decode(encode(Ruleset({"odd": odd, "simple": SIMPLE}, {"half": segment})))
    assert read.flags["simple"] == SIMPLE
    assert Machine(read).decide("odd", context({"kind": "user", "key": "u"}), "mine").value == "mine"
    assert read.segments == {"half": Segment("half")}
