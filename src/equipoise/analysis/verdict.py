"""What the evidence says so far, in a sentence, and what to do next."""

from collections.abc import Sequence

from equipoise.analysis.plan import Plan
from equipoise.analysis.results import ArmResult, Call, Check, Compared, Estimate, Grade, Interval, Verdict
from equipoise.analysis.wording import covering, effect, lift, number, percent, span
from equipoise.domain.experiment.state import Experiment, Iteration, Role, Side, Status

WAIT = "Let it run on: this interval stays valid however often you look."


def verdict(
    experiment: Experiment,
    iteration: Iteration,
    plan: Plan,
    arms: Sequence[ArmResult],
    comparisons: Sequence[Compared],
    health: Sequence[Check],
) -> Verdict:
    """The verdict on what decides: the primary comparisons, unless something stands before them."""
    before = _unstarted(iteration) or _unseen(experiment, iteration, arms) or _untrusted(health)
    before = before or _incomparable(plan)
    if before is not None:
        return before
    primary = [each for each in comparisons if each.role is Role.PRIMARY]
    if not primary:
        return _nothing_decides(iteration, plan)
    said = {arm.id: arm.name for arm in arms}
    return _decided(iteration, primary, comparisons, said) or _undecided(iteration, primary, said)


def gained(compared: Compared) -> bool:
    """Whether the arm is better beyond doubt."""
    return compared.always is not None and _beyond(compared, compared.direction)


def lost(compared: Compared) -> bool:
    """Whether the arm is worse beyond doubt."""
    return compared.always is not None and _beyond(compared, -compared.direction)


def spared(compared: Compared) -> bool:
    """Whether the arm is, beyond doubt, not worse by its margin or more."""
    said = None if compared.always is None else lift(compared.always)
    if not compared.margin or said is None:
        return False
    found = said[1]
    if compared.direction > 0:
        return found.low is not None and found.low > -compared.margin
    return found.high is not None and found.high < compared.margin


def _beyond(compared: Compared, sign: int) -> bool:
    """Whether the interval lies wholly on one side of zero; a one-sided statement speaks of its own alone."""
    if compared.side is not Side.TWO and (compared.side is Side.GREATER) != (sign > 0):
        return False
    assert compared.always is not None
    interval: Interval = compared.always.interval
    if sign > 0:
        return interval.low is not None and interval.low > 0
    return interval.high is not None and interval.high < 0


# what stands before a verdict


def _unstarted(iteration: Iteration) -> Verdict | None:
    if iteration.started_at is not None:
        return None
    return Verdict(Call.NO_DATA, "It has not started, so nobody is in it yet.", "Start the iteration.")


def _unseen(experiment: Experiment, iteration: Iteration, arms: Sequence[ArmResult]) -> Verdict | None:
    if any(arm.units for arm in arms):
        return None
    if iteration.status is Status.STOPPED:
        sentence = "It ended without anybody having been seen in it, so there is nothing to say."
        return Verdict(
            Call.NO_DATA, sentence, "Start a new iteration once the application asks for the flag."
        )
    step = (
        f"Check that the application asks for the flag “{experiment.flag}” with the SDK key of "
        f"“{experiment.environment}”, for contexts of kind “{iteration.unit}”, and that it sends events. "
        "They count once they are compacted, some seconds after they came."
    )
    return Verdict(Call.NO_DATA, "Nobody has been seen in this experiment yet.", step)


def _untrusted(health: Sequence[Check]) -> Verdict | None:
    bad = next((check for check in health if check.grade is Grade.BAD), None)
    if bad is None:
        return None
    sentence = f"This result cannot be trusted: {bad.sentence[:1].lower()}{bad.sentence[1:]}"
    return Verdict(Call.UNTRUSTED, sentence, bad.remedy)


def _incomparable(plan: Plan) -> Verdict | None:
    if plan.obstacle is None:
        return None
    return Verdict(Call.UNDECIDED, plan.obstacle.sentence, plan.obstacle.remedy)


def _nothing_decides(iteration: Iteration, plan: Plan) -> Verdict:
    if not iteration.metrics:
        sentence = "It measures nothing, so nothing can be decided."
        return Verdict(Call.UNDECIDED, sentence, "Add a metric; a running iteration takes more of them.")
    if plan.unmeasured:
        why = plan.unmeasured[0]
        return Verdict(Call.UNDECIDED, f"What decides is not measured: {why.sentence}", why.remedy)
    sentence = "No comparison is primary, so nothing is decided; the others are below."
    return Verdict(Call.UNDECIDED, sentence, "Name a primary metric in the next iteration.")


# verdicts


def _decided(
    iteration: Iteration, primary: Sequence[Compared], comparisons: Sequence[Compared], arms: dict[str, str]
) -> Verdict | None:
    better = [each for each in primary if gained(each)]
    if better:
        best = max(better, key=_advantage)
        return Verdict(
            Call.BETTER,
            _sentence(best, arms, "better"),
            _after_better(iteration, best, comparisons, arms),
            best.arm,
            best.metric,
        )
    safe = [each for each in primary if spared(each)]
    if safe:
        best = max(safe, key=_advantage)
        sentence = f"{_sentence(best, arms, '')} It is not worse by {percent(best.margin)} or more."
        return Verdict(
            Call.NOT_WORSE, sentence, _after_better(iteration, best, comparisons, arms), best.arm, best.metric
        )
    if all(lost(each) for each in primary):
        worst = min(primary, key=_advantage)
        step = (
            "Stop it and keep the control." if iteration.status is not Status.STOPPED else "Keep the control."
        )
        return Verdict(Call.WORSE, _sentence(worst, arms, "worse"), step, worst.arm, worst.metric)
    return None


def _after_better(
    iteration: Iteration, best: Compared, comparisons: Sequence[Compared], arms: dict[str, str]
) -> str:
    arm = arms.get(best.arm, best.arm)
    if iteration.winner == best.arm:
        return f"Nothing: “{arm}” was declared the winner, and is served."
    harmed = [
        each for each in comparisons if each.arm == best.arm and each.metric != best.metric and lost(each)
    ]
    if harmed:
        names = ", ".join(f"“{each.name}”" for each in harmed)
        return f"Weigh it against {names}, which got worse in the same arm, before you ship it."
    if iteration.status is Status.STOPPED:
        return f"It has ended without a winner: serve “{arm}” to everybody."
    return f"Ship “{arm}”: stop the experiment with it as the winner."


def _undecided(iteration: Iteration, primary: Sequence[Compared], arms: dict[str, str]) -> Verdict:
    shown = max((each for each in primary if each.always is not None), key=_advantage, default=None)
    if shown is None:
        first = primary[0]
        why = next((f": {each.sentence}" for each in first.warnings), "; there is too little to compare yet.")
        step = next((each.remedy for each in first.warnings), WAIT)
        return Verdict(Call.UNDECIDED, f"“{first.name}” says nothing yet{why}", step, "", first.metric)
    assert shown.always is not None
    against = arms.get(shown.against, shown.against)
    sentence = (
        f"Nothing is decided yet: “{arms.get(shown.arm, shown.arm)}” against “{against}” stands at "
        f"{effect(shown.always)} on “{shown.name}”, which leaves room for no difference at all."
    )
    ended = iteration.status is Status.STOPPED
    step = "It has ended; choose the simpler arm, or plan a longer iteration." if ended else WAIT
    return Verdict(Call.UNDECIDED, sentence, step, shown.arm, shown.metric)


def _sentence(compared: Compared, arms: dict[str, str], judged: str) -> str:
    estimate = compared.always
    assert estimate is not None
    verb = "raises" if estimate.difference > 0 else "lowers"
    arm, against = (arms.get(each, each) for each in (compared.arm, compared.against))
    why = ""
    if judged:
        less = " (less is better here)" if compared.direction < 0 else ""
        why = f"; it is {judged} than “{against}”{less}"
    return f"“{arm}” {verb} “{compared.name}” by {_amount(estimate)}{why}."


def _amount(estimate: Estimate) -> str:
    """The effect without its sign, which the verb says; bounds keep theirs where they differ from it."""
    down = estimate.difference < 0
    level = covering(estimate)
    said = lift(estimate)
    if said is not None:
        return f"{percent(abs(said[0]))} ({level} {span(_turned(said[1], down), relative=True)})"
    around = span(_turned(estimate.interval, down), relative=False)
    return f"{number(abs(estimate.difference))} ({level} {around})"


def _turned(interval: Interval, down: bool) -> Interval:
    if not down:
        return interval
    low, high = (None if bound is None else -bound for bound in (interval.high, interval.low))
    return Interval(low, high)


def _advantage(compared: Compared) -> float:
    """How far the arm is ahead, by lift where there is one, else by difference."""
    estimate = compared.always
    if estimate is None:
        return float("-inf")
    said = lift(estimate)
    return compared.direction * (estimate.difference if said is None else said[0])
