"""Health of the data: whether it comes, can be read, and is fresh."""

from collections.abc import Iterator, Mapping, Sequence

from equipoise.analysis.plan import Plan
from equipoise.analysis.question import Facts
from equipoise.analysis.results import ArmResult, Check, Grade, Measurement
from equipoise.analysis.wording import count, duration, when
from equipoise.domain.experiment.state import Iteration, Status

STALE = 24 * 3_600_000_000  # microseconds without a new event after which a running experiment is asked about
COMPACTION = "compaction"  # code of what is said of events that wait, which changes by the second
LATE = 120_000_000  # microseconds after which events that are not compacted wait too long


def exposures(facts: Facts, arms: Sequence[ArmResult]) -> Iterator[Check]:
    units = sum(arm.units for arm in arms)
    if units:
        sentence = f"{count(units, 'unit')} of {count(facts.exposures, 'exposure')} read."
        yield Check("exposures", "Exposures arrive", Grade.GOOD, sentence, figures={"units": units})
        return
    yield Check(
        "exposures",
        "Exposures arrive",
        Grade.WARNING,
        "No unit has been seen in any arm.",
        "Check that the application asks for the flag with this environment's SDK key and sends events.",
        {"units": 0, "exposures": facts.exposures},
    )


def outcomes(plan: Plan, facts: Facts, arms: Sequence[ArmResult]) -> Iterator[Check]:
    if not any(arm.units for arm in arms):
        return
    silent = [
        measured
        for at, measured in enumerate(plan.question.measured)
        if not any(_counted(arm.measurements[at]) for arm in arms)
    ]
    read = f"{count(facts.outcomes, 'outcome')} read"
    for measured in silent:
        yield Check(
            "no_outcomes",
            f"“{measured.name}” has outcomes",
            Grade.WARNING,
            f"No “{measured.event}” of a unit in the experiment has counted, so “{measured.name}” tells "
            f"nothing yet; {read} in all.",
            "Check the event's key, and that it is sent for the same context that the flag is asked for. Ask "
            "for the flag first: what comes before a unit's first exposure does not count.",
        )
    if facts.outcomes and len(silent) < len(plan.question.measured):
        found: dict[str, float] = {"outcomes": facts.outcomes}
        yield Check("outcomes", "Outcomes arrive", Grade.GOOD, f"{read}.", figures=found)


def _counted(measured: Measurement) -> bool:
    return bool(measured.n and (measured.total or measured.deviation))


def dead(causes: Mapping[str, int]) -> Iterator[Check]:
    title, total = "Events can be read", sum(causes.values())
    figures = {f"cause.{cause}": float(many) for cause, many in sorted(causes.items())}
    if not total:
        yield Check("dead_letters", title, Grade.GOOD, "No event of this environment was refused.")
        return
    said = ", ".join(
        f"{cause}: {many:,}" for cause, many in sorted(causes.items(), key=lambda each: -each[1])
    )
    yield Check(
        "dead_letters",
        title,
        Grade.WARNING,
        f"{count(total, 'event')} of this environment could not be used ({said}); they are kept aside.",
        "Mend what sends them. They count in no result.",
        figures,
    )


def fresh(iteration: Iteration, facts: Facts, now: int) -> Iterator[Check]:
    title = "Data is fresh"
    if not facts.watermark:
        yield Check("freshness", title, Grade.UNKNOWN, "No event of this environment has been compacted yet.")
        return
    if iteration.ended_at is not None:  # what comes now is not of it
        return
    age = max(now - facts.watermark, 0)
    figures = {"age_seconds": age / 1_000_000}
    said = f"The newest event came at {when(facts.watermark)}"
    if iteration.status is Status.RUNNING and age > STALE:
        sentence = f"{said}, {duration(age)} ago, although it runs."
        remedy = "Check that the application still sends events, and that the compactor runs."
        yield Check("freshness", title, Grade.WARNING, sentence, remedy, figures)
        return
    yield Check("freshness", title, Grade.GOOD, f"{said}.", figures=figures)


def compaction(since: int, now: int) -> Check:
    """What is to be said of events that wait to be made into files, whatever they are of.

    since  when the oldest of them came, and now: microseconds since 1970
    """
    title, age = "Events are compacted", max(now - since, 0)
    if age <= LATE:
        sentence = "The newest events of this server are being made into files, and count within seconds."
        return Check(COMPACTION, title, Grade.GOOD, sentence)
    return Check(
        COMPACTION,
        title,
        Grade.WARNING,
        f"Events of this server have waited for {duration(age)}, and count nowhere yet.",
        "A running server makes them into files; its log says what keeps it from that.",
        {"age_seconds": age / 1_000_000},
    )
