"""The two flags that are timed, as published clients are sent them, and the contexts."""

from typing import Any

UNITS = 1_000
COUNTRIES = ("de", "fr", "it", "es", "pt", "nl", "be", "at", "ch", "dk")


def clause(attribute: str, op: str, *values: Any) -> dict[str, Any]:
    return {"contextKind": "user", "attribute": attribute, "op": op, "values": list(values), "negate": False}


def flag(key: str, **fields: Any) -> dict[str, Any]:
    return {
        "key": key,
        "version": 7,
        "on": True,
        "salt": "4f9b1c",
        "offVariation": 0,
        "prerequisites": [],
        "targets": [],
        "contextTargets": [],
        "rules": [],
        **fields,
    }


def rollout(*weights: int, **fields: Any) -> dict[str, Any]:
    slots = [{"variation": index, "weight": weight} for index, weight in enumerate(weights)]
    return {"rollout": {"contextKind": "user", "variations": slots, **fields}}


# T: three clauses that all hold, then a split in three on the user's key.
TARGETED = flag(
    "targeted",
    variations=["red", "green", "blue"],
    fallthrough={"variation": 0},
    rules=[
        {
            "id": "b1946ac9-2fd0-4b39-a1f3-0c9d7d5ff8a1",
            "clauses": [
                clause("country", "in", *COUNTRIES),
                clause("age", "greaterThanOrEqual", 18),
                clause("version", "semVerGreaterThan", "2.3.0"),
            ],
            **rollout(34_000, 33_000, 33_000),
        }
    ],
)

# E: an experiment on everybody, half and half.
EXPERIMENT = flag(
    "experiment",
    variations=[False, True],
    fallthrough=rollout(50_000, 50_000, kind="experiment", seed=1_234_567),
)

DATA = {"flags": {each["key"]: each for each in (TARGETED, EXPERIMENT)}, "segments": {}}

CONTEXTS: list[dict[str, Any]] = [
    {
        "kind": "user",
        "key": f"user-{number}",
        "country": COUNTRIES[number % len(COUNTRIES)],
        "age": 18 + number % 60,
        "version": f"{3 + number % 4}.{number % 10}.1",
    }
    for number in range(UNITS)
]
