"""What must be well for a result to be believed, each in a sentence with a remedy."""

from collections.abc import Iterator, Mapping, Sequence

from equipoise.analysis import data
from equipoise.analysis.plan import Plan, control_spent
from equipoise.analysis.question import Facts
from equipoise.analysis.results import ArmResult, Check, Grade
from equipoise.analysis.statistics import srm
from equipoise.analysis.wording import count, percent, when
from equipoise.domain.experiment.state import Iteration, Status

SRM_ALPHA = 0.001  # chance that a sound split is ever called broken, over all looks


def checks(
    plan: Plan,
    iteration: Iteration,
    facts: Facts,
    arms: Sequence[ArmResult],
    dead: Mapping[str, int],
    now: int,
    serving: bool = True,
) -> tuple[Check, ...]:
    """Every check that says something about this iteration, the gravest kind first.

    dead     cause → events that could not be used
    now      microseconds since 1970
    serving  whether the flag is on
    """
    if iteration.started_at is None:
        return tuple(_unmeasured(plan))
    return (
        *data.exposures(facts, arms),
        *_split(plan, iteration, facts, arms),
        *_empty(plan, arms),
        *_doubled(facts, arms),
        *_strangers(facts),
        *_collisions(facts),
        *data.outcomes(plan, facts, arms),
        *data.dead(dead),
        *data.fresh(iteration, facts, now),
        *_off(iteration, serving),
        *_pauses(iteration),
        *_ramped(iteration),
        *_unmeasured(plan),
    )


# the split


def _split(plan: Plan, iteration: Iteration, facts: Facts, arms: Sequence[ArmResult]) -> Iterator[Check]:
    title = "Units are split as planned"
    if plan.expected is None:
        why = "by segment, not by share" if plan.obstacle and plan.obstacle.code == "by_segment" else ""
        sentence = (
            f"Units come {why}, so there is no split to hold them to."
            if why
            else "Shares changed while it ran, so no single split can be expected of all units."
        )
        yield Check("sample_ratio", title, Grade.UNKNOWN, sentence, "A new iteration starts counting afresh.")
        return
    shares = {arm.id: plan.expected[arm.id] for arm in arms if plan.expected[arm.id]}
    if len(shares) < 2 or not any(arm.units for arm in arms):
        sentence = "There are no two arms with units to compare the split of."
        yield Check("sample_ratio", title, Grade.UNKNOWN, sentence)
        return
    yield _ratio(title, shares, facts, arms)


def _ratio(title: str, shares: Mapping[str, int], facts: Facts, arms: Sequence[ArmResult]) -> Check:
    counts = [arm.units for arm in arms if arm.id in shares]
    weights = [share / sum(shares.values()) for share in shares.values()]
    sequential = srm.sequential(_increments(shares, facts), weights)
    fixed = srm.chi_square(counts, weights)
    found = " : ".join(percent(each / sum(counts)) for each in counts)
    wanted = " : ".join(map(percent, weights))
    figures = {"p_value": sequential, "chi_square_p_value": fixed}
    figures |= {f"units.{arm}": many for arm, many in zip(shares, counts, strict=True)}
    if sequential >= SRM_ALPHA and fixed >= SRM_ALPHA:
        sentence = f"Units came {found}, where {wanted} was planned: what chance alone does."
        return Check("sample_ratio", title, Grade.GOOD, sentence, figures=figures)
    if sequential >= SRM_ALPHA:
        return Check("sample_ratio", title, Grade.WARNING, *_doubtful(found, wanted), figures)
    sentence = (
        f"Units came {found}, where {wanted} was planned; chance does this less than once in "
        f"{1 / max(sequential, 1e-9):,.0f} sound experiments, however often one looks."
    )
    remedy = (
        "Do not decide on it. Look for what loses or repeats exposures in one arm (redirects, crashes, bots, "
        "caches, a late call of the SDK), mend it, and start a new iteration."
    )
    return Check("sample_ratio", title, Grade.BAD, sentence, remedy, figures)


def _doubtful(found: str, wanted: str) -> tuple[str, str]:
    """Of a split that a single test would call broken, and one for every look does not yet."""
    sentence = (
        f"Units came {found}, where {wanted} was planned: too far off for a single look, not yet beyond "
        "doubt for whoever looks often."
    )
    return (
        sentence,
        "Check that exposures of every arm are sent, and see whether it stays so with more units.",
    )


def _increments(shares: Mapping[str, int], facts: Facts) -> list[list[int]]:
    """New units by bucket, in order of time."""
    by_bucket: dict[int, dict[str, int]] = {}
    for cohort in facts.cohorts:
        if cohort.arm in shares:
            new = by_bucket.setdefault(cohort.bucket, dict.fromkeys(shares, 0))
            new[cohort.arm] += cohort.units
    return [list(by_bucket[bucket].values()) for bucket in sorted(by_bucket)]


def _empty(plan: Plan, arms: Sequence[ArmResult]) -> Iterator[Check]:
    if not any(arm.units for arm in arms):
        return
    for arm in arms:
        if not arm.units and (arm.share or plan.expected is None):
            yield Check(
                "empty_arm",
                "Every arm has units",
                Grade.WARNING,
                f"No unit has been seen in “{arm.name}”.",
                "Check that the application serves it; nothing is compared with it until then.",
            )


def _doubled(facts: Facts, arms: Sequence[ArmResult]) -> Iterator[Check]:
    title, figures = "Each unit is in one arm", {"units": float(facts.doubled)}
    if not facts.doubled:
        if any(arm.units for arm in arms):
            yield Check("doubled", title, Grade.GOOD, "No unit was seen in two arms.", figures=figures)
        return
    share = facts.doubled / (facts.doubled + sum(arm.units for arm in arms))
    yield Check(
        "doubled",
        title,
        Grade.WARNING,
        f"{count(facts.doubled, 'unit')} ({percent(share)}) seen in two arms, left out of every figure.",
        "Look for shared or changing unit keys, and for shares that were changed with reshuffling.",
        figures | {"share": share},
    )


def _strangers(facts: Facts) -> Iterator[Check]:
    if facts.strangers:
        yield Check(
            "strangers",
            "Every unit got an arm's variation",
            Grade.WARNING,
            f"{count(facts.strangers, 'unit')} seen with a variation that is no arm, and left out.",
            "Look for targets and rules that serve other variations, and for SDKs with an old flag.",
            {"units": facts.strangers},
        )


def _collisions(facts: Facts) -> Iterator[Check]:
    if facts.collisions:
        yield Check(
            "collisions",
            "Unit keys are told apart",
            Grade.WARNING,
            f"{count(facts.collisions, 'hashed unit key')} stand for two units each, which count as one.",
            "A handful changes no figure; of more, look for unit keys that are not what they seem.",
            {"keys": facts.collisions},
        )


# its course


def _off(iteration: Iteration, serving: bool) -> Iterator[Check]:
    if serving or iteration.status is not Status.RUNNING:
        return
    sentence = "The flag is off, so nobody is let in, though the experiment runs."
    yield Check("flag_off", "The flag is on", Grade.WARNING, sentence, "Turn it on, or stop the experiment.")


def _pauses(iteration: Iteration) -> Iterator[Check]:
    if not iteration.pauses:
        return
    many = count(len(iteration.pauses), "time")
    if iteration.status is Status.PAUSED:
        sentence = f"It is paused, so nobody new is assigned; it was paused {many}."
        yield Check("pauses", "It runs without a break", Grade.WARNING, sentence, "Resume it, or stop it.")
        return
    sentence = f"It was paused {many}; who came then is in no arm unless seen again."
    yield Check("pauses", "It runs without a break", Grade.GOOD, sentence)


def _ramped(iteration: Iteration) -> Iterator[Check]:
    spent = control_spent(iteration)
    if spent is not None:
        sentence = (
            f"Since {when(spent)} the ramp gives the treatment to units that were the control; what came "
            "after that does not count."
        )
        yield Check("ramp", "The control is kept", Grade.GOOD, sentence)


def _unmeasured(plan: Plan) -> Iterator[Check]:
    for why in plan.unmeasured:
        yield Check(why.code, "Every metric is measured", Grade.WARNING, why.sentence, why.remedy)
