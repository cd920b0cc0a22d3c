"""Small rulesets."""

from typing import Any

from equipoise.evaluation.ruleset import Prerequisite, Rollout, RuledFlag, Ruleset, Slot


def flag(key: str = "checkout", value: Any = True, **fields: Any) -> RuledFlag:
    """On, and serves everybody this."""
    said: dict[str, Any] = {"version": 1, "on": True, "salt": "", "off_variation": None, "fallthrough": 0}
    return RuledFlag(key=key, variations=(value, "other"), **{**said, **fields})


def tried(key: str = "checkout", **fields: Any) -> RuledFlag:
    """An experiment on everybody, half and half."""
    halves = Rollout((Slot(0, 50_000), Slot(1, 50_000)), seed=61, experiment=True)
    return flag(key, fallthrough=halves, **{"version": 7, **fields})


def needing(key: str, needed: str) -> RuledFlag:
    return flag(key, prerequisites=(Prerequisite(needed, 0),), off_variation=1)


def rules(*flags: RuledFlag) -> Ruleset:
    return Ruleset({each.key: each for each in flags})
