"""Random flags that a store takes, odd ones among them, and experiments to run on some of them."""

from collections.abc import Iterable, Sequence
from random import Random
from typing import Any

from equipoise.domain.clauses import SEGMENT_MATCH, Clause
from equipoise.domain.experiment.state import Experiment
from equipoise.domain.flag.state import (
    FALLTHROUGH,
    Fixed,
    Flag,
    Prerequisite,
    Rollout,
    Rule,
    Serve,
    Target,
    Targeting,
    Variation,
    Weighted,
)
from equipoise.domain.proposal import Proposal, ProposedArm
from equipoise.domain.segment.state import SegmentRule
from tests.domain.builders import BORN_AT
from tests.domain.experiment.examples import an_arm, an_experiment, an_iteration
from tests.evaluation import random_data
from tests.storage.desk import an_id

NOWHERE = ("/a//b", "/", "/a~2", "/country/")  # references that lead nowhere, and are stored all the same
LEVELS = (0, 1, 5_000, 33_333, 50_000, 50_001, 66_667, 99_999, 100_000)
ARCHIVED, DELETED = "archived-flag", "deleted-flag"  # which some flags need first


def stored(random: Random, count: int) -> list[Flag]:
    """Flags `flag-0`, `flag-1`, ...; each may need some before it, and a few one after it."""
    return [_flag(random, number) for number in range(count)]


def experiments(random: Random, flags: Sequence[Flag]) -> list[Experiment]:
    """One for each flag, on its fallthrough or one of its rules."""
    return [_experiment(random, flag, _split(random, flag)) for flag in flags]


def segments(random: Random, count: int) -> dict[str, tuple[SegmentRule, ...]]:
    """Rules of segments `segment-0`, `segment-1`, ..., which ask of contexts alone."""
    return {f"segment-{n}": _segment_rules(random) for n in range(count)}


def by_segment(random: Random, flag: Flag, known: Iterable[str]) -> Experiment:
    """Arms for up to four of these segments, some with one variation, and a fallback."""
    variations = [each.id for each in flag.variations]
    control = random.choice(variations)
    arms = [
        ProposedArm(
            (variation := random.choice(variations)),
            control=variation == control,
            segment=key,
            priority=random.choice((None, 1, 2, 3)),
        )
        for key in random.sample(sorted(known), random.choice((1, 2, 3, 4)))
    ]
    arms.append(ProposedArm(random.choice(variations), fallback=True))
    return _experiment(random, flag, Proposal(tuple(arms)))


def ramp(random: Random, flag: Flag) -> Experiment:
    """Two of the flag's variations, and levels of which any may be the first."""
    control, treatment = (each.id for each in random.sample(flag.variations, 2))
    levels = tuple(sorted(random.sample(LEVELS, random.choice((1, 2, 4)))))
    return _experiment(
        random, flag, Proposal((an_arm(control, None, control=True), an_arm(treatment, None)), "", levels)
    )


def plain(key: str, **fields: Any) -> Flag:
    variations = tuple(Variation(_variation(key, at), value) for at, value in enumerate((True, False, "x")))
    on, off = variations[0].id, variations[1].id
    return Flag(an_id(key), "default", key, key, BORN_AT, variations, on, off, f"salt of {key}", **fields)


def _variation(key: str, at: int) -> str:
    return f"{key}.{at}"


def _flag(random: Random, number: int) -> Flag:
    said = random_data.flag(random, number)
    key = said["key"]
    off = said["offVariation"] or 0
    targeting = Targeting(
        on=said["on"],
        off_variation=_variation(key, off),
        fallthrough=_serve(random, key, said["fallthrough"]),
        rules=tuple(_rule(random, key, each) for each in said["rules"]),
        targets=tuple(_targets(random, key)),
        prerequisites=tuple(_prerequisites(random, key, said["prerequisites"])),
    )
    values = tuple(Variation(_variation(key, at), value) for at, value in enumerate(said["variations"]))
    salt = said["salt"] or "s"
    on = values[0].id
    return Flag(
        an_id(key), "default", key, key, BORN_AT, values, on, on, salt, targeting={"production": targeting}
    )


def _serve(random: Random, key: str, said: Any) -> Serve:
    rollout = said.get("rollout")
    slots = rollout["variations"] if rollout else []
    if len(slots) < 2 or any(each["weight"] < 0 for each in slots):
        return Fixed(_variation(key, max(said.get("variation", 0), 0) % 3))
    odd = random.random() < 0.05
    return Rollout(
        tuple(
            Weighted(_variation(key, each["variation"]), each["weight"], each["untracked"]) for each in slots
        ),
        bucket_by=random.choice(NOWHERE) if odd else rollout.get("bucketBy", ""),
        kind=rollout["contextKind"],
        seed=rollout.get("seed"),
        experiment=rollout["kind"] == "experiment",
    )


def _rule(random: Random, key: str, said: Any) -> Rule:
    clauses = tuple(_clause(random, at, each) for at, each in enumerate(said["clauses"]))
    disabled = random.random() < 0.1
    return Rule(f"{key}.{said['id']}", clauses, _serve(random, key, said), disabled=disabled)


def _clause(random: Random, at: int, said: Any) -> Clause:
    op = "contains" if said["op"] == "noSuchOperator" else said["op"]
    attribute, values = said["attribute"], tuple(said["values"])
    if op == SEGMENT_MATCH:
        values += random.choice(((), (5,), (["beta"],), ({"a": 1}, None)))
    elif random.random() < 0.08:
        attribute = random.choice(NOWHERE)
    return Clause(f"clause-{at}", attribute, op, values, said["contextKind"], said["negate"])


def _targets(random: Random, key: str) -> list[Target]:
    """Users of one variation often stand in two places, with others between."""
    holders: dict[tuple[str, str], str] = {}
    found = []
    for _ in range(random.choice((0, 0, 1, 3, 5))):
        kind, variation = random.choice(random_data.KINDS), _variation(key, random.randrange(3))
        keys = [
            each
            for each in random_data.keys(random)
            if holders.setdefault((kind, each), variation) == variation
        ]
        if keys:
            found.append(Target(variation, tuple(dict.fromkeys(keys)), kind))
    return found


def _prerequisites(random: Random, key: str, said: Any) -> list[Prerequisite]:
    others = {each["key"]: each["variation"] for each in said if each["key"] != key}
    if random.random() < 0.05:
        others[random.choice((ARCHIVED, DELETED))] = 0
    return [Prerequisite(other, _variation(other, at)) for other, at in others.items()]


def _segment_rules(random: Random) -> tuple[SegmentRule, ...]:
    return tuple(
        SegmentRule(
            f"rule-{at}",
            _group(random, random.choice((0, 1, 1, 2))),
            tuple(_group(random, random.choice((1, 2))) for _ in range(random.choice((0, 0, 1, 2)))),
        )
        for at in range(random.choice((0, 1, 2, 3, 3)))
    )


def _group(random: Random, count: int) -> tuple[Clause, ...]:
    """Mostly of clauses that many contexts answer."""
    return tuple(
        _common(random, at) if random.random() < 0.7 else _of_context(random, at) for at in range(count)
    )


def _common(random: Random, at: int) -> Clause:
    negate = random.random() < 0.4
    if random.random() < 0.5:
        digits = tuple(random.sample("0123456789", 6))
        return Clause(f"clause-{at}", "key", "endsWith", digits, random.choice(random_data.KINDS), negate)
    attribute, pool = random.choice((("country", random_data.TEXTS), ("age", random_data.NUMBERS)))
    return Clause(f"clause-{at}", attribute, "in", tuple(random.sample(pool, 4)), "user", negate)


def _of_context(random: Random, at: int) -> Clause:
    said = random_data.clause(random)
    return _of_context(random, at) if said["op"] == SEGMENT_MATCH else _clause(random, at, said)


def _split(random: Random, flag: Flag) -> Proposal:
    first, second, third = (each.id for each in flag.variations)
    shares = random.choice(((50_000, 50_000), (33_333, 33_333), (10_000, 20_000), (1, 99_999)))
    arms = an_arm(first, shares[0], control=True), an_arm(second, shares[1])
    return Proposal(arms, outside=third)


def _experiment(random: Random, flag: Flag, proposal: Proposal) -> Experiment:
    rules = [rule.id for rule in flag.in_environment("production").rules if not rule.disabled]
    draft = an_iteration(
        id=an_id(f"iteration of {flag.key}"),
        unit=random.choice(("user", "org", "device")),
        rule=random.choice((FALLTHROUGH, *rules)),
        proposal=proposal,
    )
    key = f"on-{flag.key}"
    return an_experiment(id=an_id(key), key=key, name=key, flag=flag.key, draft=draft)
