"""What is to be found out about one iteration, settled before anybody looks at data.

Times are microseconds since 1970, UTC, where an experiment's own are milliseconds.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import pairwise

import msgspec
from msgspec import Struct

from equipoise.analysis.arms import PlannedArm, arms_of, expected
from equipoise.analysis.measures import binary, measured, refusal, repinned
from equipoise.analysis.question import Question
from equipoise.analysis.results import Warned
from equipoise.domain.allocation import BySegment, Split
from equipoise.domain.experiment.state import Comparison, Contrast, Iteration, Role, Side
from equipoise.domain.flag.state import Flag
from equipoise.domain.identity import Id
from equipoise.domain.metric.state import Metric

ALPHA = 0.05  # of all that decides, together
TUNED = 5_000  # units of two arms at which a confidence sequence is narrowest; never chosen by looking
BUCKETS_MAX = 200
_SECOND = 1_000_000
_WIDTHS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400)
BUCKETS = tuple(_SECOND * seconds for seconds in _WIDTHS)


class Planned(Struct, frozen=True):
    """One comparison as planned.

    metric     key; `version` is the one that counts
    direction  1 where more is better, -1 where less is
    alpha      what this comparison may err by
    binary     whether each unit's value is 0 or 1
    """

    metric: str
    name: str
    version: int
    role: Role
    side: Side
    margin: float
    direction: int
    arm: Id
    against: Id
    alpha: float
    binary: bool


class Plan(Struct, frozen=True):
    """What is asked of the warehouse, and what is made of the answer.

    arms        in order; those of earlier phases alone come last
    comparisons primary first
    versions    metric key → the version that is measured
    unmeasured  what the iteration asks for and cannot be told yet
    obstacle    why arms cannot be compared at all; None when they can
    expected    shares that exposures should follow, by arm; None where shares changed on the way
    digest      of all this but the grain of the timeline
    """

    question: Question
    arms: tuple[PlannedArm, ...]
    comparisons: tuple[Planned, ...]
    versions: dict[str, int]
    unmeasured: tuple[Warned, ...]
    obstacle: Warned | None
    expected: dict[str, int] | None
    alpha: float
    tuned: int
    digest: str = ""


def plan(
    iteration: Iteration,
    metrics: Mapping[str, Metric | None],
    flag: Flag | None,
    environment: Id,
    now: int,
    until: int | None = None,
) -> Plan:
    """The plan of one iteration.

    metrics      key → the metric as the iteration measures it; None where there is no such any more
    flag         for the names of its variations
    environment  id of the experiment's
    now, until   decide the grain of the timeline; nothing after `until` counts. A stopped iteration ends
                 when it stopped, at the latest
    """
    arms = arms_of(iteration, flag)
    found = {use.key: metrics.get(use.key) for use in iteration.metrics}
    refused = {use.key: why for use in iteration.metrics if (why := refusal(use, iteration, found))}
    sound = {key: each for key, each in found.items() if each is not None and key not in refused}
    started, end = _span(iteration, until)
    drawn = Plan(
        question=Question(
            environment=environment,
            iteration=iteration.id,
            unit=iteration.unit,
            arms=tuple(arm.id for arm in arms),
            measured=tuple(measured(metric) for metric in sound.values()),
            started=started,
            until=end,
            bucket=bucket_of((now if end is None else end) - started),
        ),
        arms=arms,
        comparisons=() if _by_segment(iteration) else tuple(_comparisons(iteration, sound, arms)),
        versions={key: metric.version for key, metric in sound.items()},
        unmeasured=(*refused.values(), *repinned(iteration, sound)),
        obstacle=_obstacle(iteration, arms),
        expected=expected(iteration, arms),
        alpha=ALPHA,
        tuned=TUNED,
    )
    return msgspec.structs.replace(drawn, digest=digest_of(drawn))


def digest_of(plan: Plan) -> str:
    """SHA-256 of the plan's deterministic encoding, but for the grain of its timeline."""
    question = msgspec.structs.replace(plan.question, bucket=0)
    bare = msgspec.structs.replace(plan, digest="", question=question)
    return sha256(msgspec.json.encode(bare, order="deterministic")).hexdigest()


def bucket_of(span: int) -> int:
    """The narrowest width, in microseconds, that cuts a span into at most BUCKETS_MAX; else the widest."""
    return next((each for each in BUCKETS if span <= each * BUCKETS_MAX), BUCKETS[-1])


def _span(iteration: Iteration, until: int | None) -> tuple[int, int | None]:
    """From its start to the earliest of its end, of `until`, and of when a ramp spends its control; None for
    no end."""
    ended = None if iteration.ended_at is None else iteration.ended_at * 1_000
    ends = (each for each in (ended, until, control_spent(iteration)) if each is not None)
    return (iteration.started_at or iteration.created_at) * 1_000, min(ends, default=None)


def control_spent(iteration: Iteration) -> int | None:
    """When a ramp first took units from the control, in microseconds since 1970: what they do under the
    treatment from then on tells nothing of the control. None while it has not."""
    ramped = [
        (phase.started_at, sum(arm.share for arm in phase.allocation.arms if arm.control))
        for phase in iteration.phases
        if isinstance(phase.allocation, Split) and phase.allocation.ramped
    ]
    falls = (at for (_, before), (at, now) in pairwise(ramped) if now < before)
    at = next(falls, None)
    return None if at is None else at * 1_000


def _by_segment(iteration: Iteration) -> bool:
    return any(isinstance(phase.allocation, BySegment) for phase in iteration.phases)


def _obstacle(iteration: Iteration, arms: tuple[PlannedArm, ...]) -> Warned | None:
    if _by_segment(iteration):
        return Warned(
            "by_segment",
            "Who gets which arm follows from segments, not from chance, so differences cannot be put down "
            "to the arms.",
            "Start an iteration that splits by share to find out what the arms do.",
        )
    if len(arms) < 2:
        return Warned("one_arm", "There is one arm, so there is nothing to compare.", "Add a second arm.")
    named = any(each.contrast.against for each in iteration.comparisons)
    if not named and not any(arm.control for arm in arms):
        return Warned(
            "no_control",
            "No arm is the control, so there is nothing to compare the others with.",
            "Make one arm the control (the baseline) and start a new iteration.",
        )
    return None


# comparisons


def _comparisons(
    iteration: Iteration, metrics: Mapping[str, Metric], arms: tuple[PlannedArm, ...]
) -> Iterator[Planned]:
    said = [each for each in _stated(iteration) if each.metric in metrics]
    said.sort(key=lambda each: list(Role).index(each.role))
    pairs = [(each, pair) for each in said for pair in _pairs(each.contrast, arms)]
    for each, (arm, against) in pairs:
        rivals = sum(other.metric == each.metric and other.role is each.role for other, _ in pairs)
        metric = metrics[each.metric]
        yield Planned(
            metric=metric.key,
            name=metric.name,
            version=metric.version,
            role=each.role,
            side=each.side,
            margin=each.margin,
            direction=1 if metric.definition.higher else -1,
            arm=arm,
            against=against,
            alpha=ALPHA / rivals,
            binary=binary(metric),
        )


def _stated(iteration: Iteration) -> Iterator[Comparison]:
    """What is said explicitly, in place of what would follow from the metric."""
    explicit = {each.metric for each in iteration.comparisons}
    yield from iteration.comparisons
    for use in iteration.metrics:
        if use.key not in explicit:
            role = Role.PRIMARY if use.key == iteration.primary_key else Role.SECONDARY
            yield Comparison(use.key, role=role)


def _pairs(contrast: Contrast, arms: tuple[PlannedArm, ...]) -> Iterator[tuple[Id, Id]]:
    """(arm, against); those that name an arm which is not there are none."""
    known = {arm.id for arm in arms}
    against = contrast.against or next((arm.id for arm in arms if arm.control), "")
    rivals = (arm.id for arm in arms if arm.id != against and not arm.control)
    for each in (contrast.arm,) if contrast.arm else rivals:
        if {each, against} <= known and each != against:
            yield each, against
