"""Schemes are held to what their makers published, and every way of evaluating hashes by them alike."""

import json
from typing import Any

import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from equipoise.domain.allocation import SHA1, SHARE_WHOLE
from equipoise.evaluation.bucketing import SCHEMES, bucket, choose, fnv1a_1, fnv1a_2, ranges, ranges_of
from equipoise.evaluation.context import context
from equipoise.evaluation.hashes import fnv1a, xxh32
from equipoise.evaluation.ruleset import Rollout, RuledFlag, Ruleset, Slot
from tests.contracts.launchdarkly import shared
from tests.evaluation.answers import Both

FOLDER = shared()
CASES: Any = (
    json.loads((FOLDER / "contracts" / "growthbook-cases.json").read_text())
    if FOLDER
    else {"hash": [], "getBucketRange": [], "chooseVariation": []}
)
PRIME = 2_654_435_761
FILL = 11_400_714_785_074_694_797
NOBODY = Slot(2, 0, untracked=True)


# GrowthBook


@pytest.mark.skipif(FOLDER is None, reason="the contract files are not part of this clone")
def test_the_published_cases_are_all_there() -> None:
    assert [len(CASES[each]) for each in ("hash", "getBucketRange", "chooseVariation")] == [15, 13, 13]


@pytest.mark.parametrize(("seed", "value", "version", "expected"), CASES["hash"])
def test_a_value_is_hashed_as_published(seed: str, value: str, version: int, expected: float | None) -> None:
    number, scheme = {1: fnv1a_1, 2: fnv1a_2}.get(version), SCHEMES.get(f"fnv1a/{version}")
    found = None if number is None or scheme is None else bucket(number(seed, value), scheme.size)
    assert found == expected


def weights_of(said: list[float] | None, arms: int) -> list[float]:
    """As GrowthBook reads them: equal where they do not fit the arms or one."""
    fits = said is not None and len(said) == arms and 0.99 <= sum(said) <= 1.01
    return said if said is not None and fits else [1 / arms] * arms


@pytest.mark.parametrize(("name", "said", "expected"), CASES["getBucketRange"], ids=lambda each: str(each))
def test_weights_and_coverage_become_ranges_as_published(name: str, said: Any, expected: Any) -> None:
    arms, coverage, weights = said
    rounded = [[round(each, 6) for each in found] for found in ranges(weights_of(weights, arms), coverage)]
    assert rounded == expected


@pytest.mark.parametrize(("name", "at", "among", "expected"), CASES["chooseVariation"])
def test_a_bucket_falls_into_a_range_as_published(name: str, at: float, among: Any, expected: int) -> None:
    found = choose(at, among)
    assert (-1 if found is None else found) == expected


def growthbook(version: int, seed: str, value: str, weights: list[float], coverage: float) -> int:
    """What the specification says, in as few words as it can be said: the arm, or -1."""
    first, second = (fnv1a(text) for text in (value + seed, str(fnv1a(seed + value))))
    at = first % 1_000 / 1_000 if version == 1 else second % 10_000 / 10_000
    total = 0.0
    for arm, weight in enumerate(weights):
        if total <= at < total + coverage * weight:
            return arm
        total += weight
    return -1


@given(
    st.sampled_from([1, 2]),
    st.integers(0, 2**31),
    st.lists(st.integers(1, SHARE_WHOLE), min_size=2, max_size=5),
    st.integers(0, SHARE_WHOLE - 1),
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), max_size=30),
)
def test_the_machine_serves_the_arm_that_growthbook_would(
    version: int, seed: int, parts: list[int], coverage: int, keys: list[str]
) -> None:
    weights = [SHARE_WHOLE * part // sum(parts) for part in parts]
    slots = (*(Slot(arm, weight) for arm, weight in enumerate(weights)), Slot(len(weights), 0, True))
    rollout = Rollout(slots, seed=seed, experiment=True, scheme=f"fnv1a/{version}", coverage=coverage)
    both = Both(Ruleset({"f": a_flag(rollout, len(slots))}))
    shares = [each / SHARE_WHOLE for each in weights]
    for key in keys:
        arm = growthbook(version, str(seed), key, shares, coverage / SHARE_WHOLE)
        decision = both.decide("f", context({"kind": "user", "key": key}))
        assert decision.variation == (len(weights) if arm < 0 else arm)
        assert decision.reason.in_experiment is (arm >= 0)


# XXH32


def filled(length: int) -> bytes:
    """The bytes that the published vectors are hashes of."""
    found, state = bytearray(), PRIME
    for _ in range(length):
        found.append(state >> 56)
        state = state * FILL % 2**64
    return bytes(found)


@pytest.mark.parametrize(
    ("length", "seed", "expected"),
    [
        (0, 0, 0x02CC5D05),
        (0, PRIME, 0x36B78AE7),
        (1, 0, 0xCF65B03E),
        (1, PRIME, 0xB4545AA4),
        (14, 0, 0x1208E7E2),
        (14, PRIME, 0x6AF1D1FE),
        (222, 0, 0x5BD11DBD),
        (222, PRIME, 0x58803C5F),
    ],
)
def test_bytes_are_hashed_as_the_algorithms_maker_published(length: int, seed: int, expected: int) -> None:
    assert xxh32(filled(length), seed) == expected


@given(st.binary(max_size=70), st.integers(0, 2**32 - 1))
def test_the_native_package_has_the_same_hash(data: bytes, seed: int) -> None:
    assert xxh32(data, seed) == xxhash.xxh32_intdigest(data, seed)


def test_xxh32_hashes_the_key_alone_under_a_seed_and_the_flag_too_without_one() -> None:
    scheme = SCHEMES["xxh32"]
    assert scheme.number("flag", "salt", 7)("anna") == xxh32(b"anna", 7)
    assert scheme.number("flag", "salt", None)("anna") == xxh32(b"flag.salt.anna", 0)
    assert scheme.number("flag", "salt", 2**32 + 7)("anna") == xxh32(b"anna", 7)


# all of them


def a_flag(rollout: Rollout, variations: int = 3) -> RuledFlag:
    return RuledFlag("f", 3, True, "salt", tuple(range(variations)), 1, rollout)


def decided(rollout: Rollout, *keys: str) -> list[tuple[int | None, bool]]:
    both = Both(Ruleset({"f": a_flag(rollout)}))
    found = (both.decide("f", context({"kind": "user", "key": key})) for key in keys)
    return [(each.variation, each.reason.in_experiment) for each in found]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_each_scheme_spreads_units_evenly_and_independently_of_another_seed(scheme: str) -> None:
    halves, keys = (Slot(0, 50_000), Slot(1, 50_000)), [f"unit-{number}" for number in range(2_000)]
    first, second = (
        [arm for arm, _ in decided(Rollout(halves, seed=seed, scheme=scheme), *keys)] for seed in (1, 2)
    )
    apart = sum(one != other for one, other in zip(first, second, strict=True))
    for found in (first.count(1), second.count(1), apart):
        assert abs(found - 1_000) < 4 * (2_000 / 4) ** 0.5


@pytest.mark.parametrize("scheme", SCHEMES)
def test_who_is_beyond_the_coverage_gets_the_last_slot_and_is_not_counted(scheme: str) -> None:
    slots = (Slot(0, 50_000), Slot(1, 50_000), NOBODY)
    rollout = Rollout(slots, seed=5, experiment=True, scheme=scheme, coverage=20_000)
    keys = [f"unit-{number}" for number in range(400)]
    number, size = SCHEMES[scheme].number("f", "salt", 5), SCHEMES[scheme].size
    for key, (arm, counted) in zip(keys, decided(rollout, *keys), strict=True):
        held = choose(number(key) / size, [(0.0, 0.1), (0.5, 0.6)])
        assert (arm, counted) == ((2, False) if held is None else (held, True))
    grown = decided(replace(rollout, coverage=60_000), *keys)
    for before, after in zip(decided(rollout, *keys), grown, strict=True):
        assert before == after or before == (2, False)


def test_whoever_has_nothing_to_be_hashed_gets_the_last_slot_where_there_is_coverage() -> None:
    rollout = Rollout((Slot(0, 50_000), Slot(1, 50_000), NOBODY), kind="org", coverage=99_999)
    assert decided(rollout, "u") == [(2, False)]
    assert decided(replace(rollout, coverage=SHARE_WHOLE), "u") == [(0, False)]


def test_slots_are_ranges_in_the_doubles_of_clients() -> None:
    found = list(ranges_of([Slot(0, 10_000)] * 4, 50_000))
    assert found[3] == (0.1 + 0.1 + 0.1, 0.1 + 0.1 + 0.1 + 0.5 * 0.1)


def test_beyond_ascii_the_units_of_utf_16_are_hashed() -> None:
    start, prime = 0x811C9DC5, 0x01000193
    for text, units in (("é", [0xE9]), ("😀", [0xD83D, 0xDE00])):
        found = start
        for unit in units:
            found = (found ^ unit) * prime % 2**32
        assert fnv1a(text) == found


@pytest.mark.parametrize("scheme", SCHEMES)
def test_half_a_surrogate_pair_is_hashed_by_none(scheme: str) -> None:
    with pytest.raises(UnicodeEncodeError):
        SCHEMES[scheme].number("f", "salt", 1)("\ud800")


def test_the_scheme_that_sdks_hash_by_is_one_of_them() -> None:
    assert SHA1 in SCHEMES
