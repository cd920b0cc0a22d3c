"""Random flags, segments and contexts, as published clients are sent them; the same for the same seed.

Attributes are few and their values come from small pools, so that clauses do match. Some flags are malformed.
"""

from random import Random
from typing import Any

KINDS = ("user", "user", "user", "org", "device")
TEXTS = ("us", "de", "a", "ab", "abc", "x@example.com", "2.3.0", "2020-01-01T00:00:00Z", "")
VERSIONS = ("1", "2.3", "2.3.0", "2.3.0-rc.1", "2.3.0-rc.2", "10.0.0+build", "not a version", "v2.3.0")
MOMENTS = ("2020-01-01T00:00:00Z", "2020-01-01T02:00:00.5+02:00", 1577836800000, 1577836800500.0, "yesterday")
NUMBERS = (0, 1, 1.0, 18, 18.5, -3, 10**9, 2**53 + 1, 1e300)
ODD: tuple[Any, ...] = (True, False, ["us", 18, True], [], {"city": "Rome", "zip": 123}, [["us"]])
PATTERNS = ("^[a-z]+$", "a.c", "@example\\.com$", "(us|de)", "\\d+", "[", "^$")
ATTRIBUTES = ("country", "age", "version", "since", "vip", "tags", "address", "email")
REFERENCES = (*ATTRIBUTES, "/country", "/address/city", "/address/zip", "/a~1b", "key", "name", "anonymous")
OPERATORS = (
    *("in", "in", "in", "endsWith", "startsWith", "matches", "contains"),
    *("lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual", "before", "after"),
    *("semVerEqual", "semVerLessThan", "semVerGreaterThan", "noSuchOperator"),
)
KEYS = (
    *("0", "-1", "007", "1.0", "1e3", "12345678901", "true", "null", "__proto__", "constructor"),
    *(" ", " key ", "\n", "\t", '"', "\\", "'", "{}", "[]", "%2F", "a/b", "a.b.c", ".", "..", "k" * 4_000),
    *("ключ", "キー", "🦊", "👩‍👩‍👧", "é", "e\u0301", "\u202eabc", "\u2028", "\ufeff", "\u0000", "\x7f"),
)
SEGMENTS = ("beta", "staff", "sampled", "nested")


def data(random: Random, flags: int) -> dict[str, Any]:
    """Flags `flag-0`, `flag-1`, ...; each may need some before it."""
    return {
        "flags": {f"flag-{n}": flag(random, n) for n in range(flags)},
        "segments": {key: segment(random, key) for key in SEGMENTS},
    }


def flag(random: Random, number: int) -> dict[str, Any]:
    variations = random.sample([True, False, "red", "blue", 1, 2.5, {"a": [1]}, None, ["x"]], 3)
    plain = [{"variation": n, "values": keys(random)} for n in range(2) if random.random() < 0.3]
    by_kind = [
        {"contextKind": kind, "variation": random.randrange(3), "values": keys(random)}
        for kind in ("org", "user", "device")
        if random.random() < 0.2
    ]
    return {
        "key": f"flag-{number}",
        "version": random.randrange(1, 100),
        "on": random.random() < 0.9,
        "salt": random.choice(("", "salt", f"salt-{number}", "süß")),
        "variations": variations,
        "offVariation": random.choice((0, 1, 2, None)),
        "fallthrough": serve(random),
        "targets": plain,
        "contextTargets": by_kind,
        "rules": [rule(random, n) for n in range(random.choice((0, 1, 2, 4)))],
        "prerequisites": [
            {"key": f"flag-{_needed(random, number)}", "variation": random.randrange(3)}
            for _ in range(random.choice((0, 0, 1, 2)) if number else 0)
        ],
    }


def _needed(random: Random, number: int) -> int:
    """One before it; now and then itself or one that may need it in turn."""
    return random.randrange(number + 3) if random.random() < 0.05 else random.randrange(number)


def rule(random: Random, number: int) -> dict[str, Any]:
    clauses = [clause(random) for _ in range(random.choice((1, 1, 1, 2)))]
    return {"id": f"rule-{number}", "clauses": clauses, **serve(random)}


MALFORMED: tuple[dict[str, Any], ...] = (
    {},
    {"variation": 7},
    {"variation": -1},
    {"rollout": {"contextKind": "user", "variations": []}},
    {"rollout": {"contextKind": "user", "variations": [{"variation": 3, "weight": 100_000}]}},
)


def serve(random: Random) -> dict[str, Any]:
    if random.random() < 0.03:
        return random.choice(MALFORMED)
    if random.random() < 0.35:
        return {"variation": random.randrange(3)}
    rollout: dict[str, Any] = {
        "kind": random.choice(("rollout", "experiment")),
        "contextKind": random.choice(KINDS),
        "variations": weights(random),
    }
    if random.random() < 0.6:
        rollout["seed"] = random.choice((0, 61, 4242, 2**31))
    if random.random() < 0.3:
        rollout["bucketBy"] = random.choice(REFERENCES)
    return {"rollout": rollout}


def weights(random: Random) -> list[dict[str, Any]]:
    first = random.choice((1, 10_000, 33_333, 50_000, 100_000))
    second = random.choice((0, 1, (100_000 - first) // 2, 100_000 - first))
    each = [(0, first), (1, second), (2, 100_000 - first - second)]
    return [
        {"variation": number, "weight": weight, "untracked": random.random() < 0.2} for number, weight in each
    ]


def clause(random: Random, depth: int = 0) -> dict[str, Any]:
    negate = random.random() < 0.25
    if random.random() < 0.2:
        named = SEGMENTS[:3] if depth else (*SEGMENTS, "gone")
        values: list[Any] = random.sample(named, 2)
        return {
            "contextKind": "user",
            "attribute": "",
            "op": "segmentMatch",
            "values": values,
            "negate": negate,
        }
    if random.random() < 0.08:
        return {"contextKind": "user", "attribute": "kind", "op": "in", "values": ["org"], "negate": negate}
    op = random.choice(OPERATORS)
    return {
        "contextKind": random.choice(KINDS),
        "attribute": random.choice(REFERENCES),
        "op": op,
        "values": [value(random, op) for _ in range(random.choice((1, 1, 2, 5)))],
        "negate": negate,
    }


def value(random: Random, op: str) -> Any:
    if random.random() < 0.1:
        return random.choice((*ODD, *TEXTS, *NUMBERS))
    if op == "matches":
        return random.choice(PATTERNS)
    if op.startswith("semVer"):
        return random.choice(VERSIONS)
    if op in ("before", "after"):
        return random.choice(MOMENTS)
    if "Than" in op:
        return random.choice(NUMBERS)
    return random.choice((*TEXTS, *NUMBERS, *ODD) if op == "in" else TEXTS)


def segment(random: Random, key: str) -> dict[str, Any]:
    depth = SEGMENTS.index(key)
    found: dict[str, Any] = {"key": key, "version": 1, "salt": f"salt of {key}"}
    found["included"], found["excluded"] = keys(random)[:2], keys(random)[:2]
    found["includedContexts"] = [{"contextKind": "org", "values": keys(random)[:1]}]
    found["excludedContexts"] = [{"contextKind": "org", "values": keys(random)[:1]}]
    clauses = [clause(random, depth) for _ in range(random.choice((0, 1, 2)))]
    flat = [each for each in clauses if each["op"] != "segmentMatch" or key == "nested"]
    rule: dict[str, Any] = {"clauses": flat, "rolloutContextKind": random.choice(KINDS)}
    if random.random() < 0.6:
        rule["weight"] = random.choice((0, 10_000, 50_000, 100_000))
    if random.random() < 0.3:
        rule["bucketBy"] = random.choice(REFERENCES)
    found["rules"] = [rule]
    return found


def keys(random: Random) -> list[str]:
    return [f"key-{random.randrange(40)}" for _ in range(random.choice((0, 1, 3)))]


def context(random: Random) -> dict[str, Any]:
    """Of one kind, or of several."""
    if random.random() < 0.65:
        return {"kind": random.choice(KINDS), **part(random)}
    kinds = random.sample(("user", "org", "device"), random.choice((2, 3)))
    return {"kind": "multi", **{kind: part(random) for kind in kinds}}


def part(random: Random) -> dict[str, Any]:
    number = random.randrange(40) if random.random() < 0.4 else random.randrange(10**9)
    found: dict[str, Any] = {"key": f"key-{number}"}
    if random.random() < 0.2:
        found["anonymous"] = random.random() < 0.5
    if random.random() < 0.3:
        found["name"] = random.choice(TEXTS)
    pools: dict[str, tuple[Any, ...]] = {
        "country": TEXTS,
        "age": NUMBERS,
        "version": VERSIONS,
        "since": MOMENTS,
        "vip": ODD,
        "address": ODD,
        "a/b": TEXTS,
        "tags": (["us", "de"], ["a"], [], ["2.3.0", 18, False]),
        "email": (None, "x@example.com", "y@example.org"),
    }
    for name, pool in pools.items():
        if random.random() < 0.5:
            found[name] = random.choice(pool)
    return found


def odd_context(random: Random) -> dict[str, Any]:
    """Some of its keys are nothing that anybody would choose. Its numbers are read alike by all: to Node,
    33.0 is a whole number to hash."""
    found = context(random)
    for each in found.values() if found["kind"] == "multi" else (found,):
        if isinstance(each, dict):
            each.update({name: _whole(value) for name, value in each.items()})
            if random.random() < 0.2:
                each["key"] = random.choice(KEYS) + random.choice(("", str(random.randrange(1_000))))
    return found


def _whole(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float) or value % 1:
        return value
    return int(value) if abs(value) < 2**53 else 53
