"""The eight kinds of instruction, each as commands in the order in which they take effect."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from equipoise.dialects.launchdarkly.experiments import documents
from equipoise.dialects.launchdarkly.experiments.fields import FIELDS, Edit, allowed
from equipoise.dialects.launchdarkly.experiments.setting import Setting
from equipoise.domain.change import Command, Outcome
from equipoise.domain.errors import Invalid, Violation, check
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import (
    CloneIteration,
    Resume,
    SetAside,
    Stop,
    TakeUp,
    Which,
)
from equipoise.domain.experiment.readiness import shortcomings
from equipoise.domain.experiment.state import Experiment, Iteration, Status
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.commands import ServeVariation
from equipoise.domain.flag.state import Flag
from equipoise.domain.identity import text_rule
from equipoise.domain.labels import Archive, Describe, Rename, Restore
from equipoise.translation.intents import Steps
from equipoise.translation.starting import facts_for, given_back, start_of

_AT_START = {  # readiness speaks of ours; the wire has its own words
    "unit": "randomizationUnit",
    "rule": "flags.ruleId",
    "arms": "treatments",
    "levels": "treatments",
    "outside": "flags.notInExperimentVariationId",
}


class Hand:
    """The experiment under a patch, as the instructions so far have left it."""

    def __init__(self, now: Experiment, setting: Setting) -> None:
        self.now, self.setting = now, setting

    def ask(self, *commands: Command) -> Steps:
        for command in commands:
            outcome: Outcome[Experiment] = yield EXPERIMENT, self.now, command
            self.now = outcome.state


def stage_of(iteration: Iteration | None) -> documents.Stage:
    """The status as this surface knows it: what is paused runs."""
    if iteration is None or iteration.status is Status.DRAFT:
        return "not_started"
    return "stopped" if iteration.status is Status.STOPPED else "running"


def update_name(said: documents.UpdateName, hand: Hand) -> Steps:
    yield from hand.ask(Rename(said.value))


def update_description(said: documents.UpdateDescription, hand: Hand) -> Steps:
    yield from hand.ask(Describe(said.value))


def update_fields(said: documents.UpdateExperimentFields, hand: Hand) -> Steps:
    which: Which = "draft" if hand.now.current is None else "current"
    yield from _edit(said.value, hand, stage_of(hand.now.shown), which)


def save_and_start(said: documents.SaveAndStartNewIteration, hand: Hand) -> Steps:
    now = hand.now
    check(now.active or Violation("kind", "no iteration runs; startIteration starts the draft"))
    id = hand.setting.world.moment.id("iteration", now.id, len(now.iterations))
    yield from hand.ask(SetAside(), Stop(), CloneIteration(id))
    yield from _edit(said.value, hand, "not_started", "draft")
    check(*_wanting(hand, said.changeJustification))
    yield from _start(said.changeJustification, hand)
    yield from hand.ask(TakeUp())


def start_iteration(said: documents.StartIteration, hand: Hand) -> Steps:
    now = hand.now
    if now.draft is None and now.status is Status.PAUSED:
        yield from hand.ask(Resume())
        return
    check(now.draft is not None or Violation("kind", "needs a draft iteration"))
    rule = "is required, since an iteration runs and will be stopped"
    justified = not now.active or bool(said.changeJustification.strip())
    check(justified or Violation("changeJustification", rule), *_wanting(hand, said.changeJustification))
    if now.active:
        yield from hand.ask(Stop())
    yield from _start(said.changeJustification, hand)


def stop_iteration(said: documents.StopWithWinner, hand: Hand) -> Steps:
    current = hand.now.current
    if current is None or not hand.now.active:
        raise Invalid(Violation("kind", "no iteration runs"))
    arms = [arm.variation for arm in current.proposal.arms]
    winner = said.winningTreatmentId
    rule = "must be the _id of one of the iteration's treatments"
    check(
        winner in arms or Violation("winningTreatmentId", rule, winner),
        text_rule("winningReason", said.winningReason),
    )
    flag = _flag(hand)
    yield from hand.ask(Stop(winner, said.winningReason))
    yield FLAG, flag, ServeVariation(hand.now.environment, current.rule, winner)


def archive(said: documents.ArchiveExperiment, hand: Hand) -> Steps:
    check(not hand.now.active or Violation("kind", "an iteration runs; stop it first"))
    yield from hand.ask(Archive())
    yield from given_back(hand.setting.world, hand.now)


def restore(said: documents.RestoreExperiment, hand: Hand) -> Steps:
    yield from hand.ask(Restore())


def _edit(
    updates: Mapping[str, documents.FieldUpdate], hand: Hand, status: documents.Stage, which: Which
) -> Steps:
    """Each field said, in the table's order. raises Invalid with the violations of all"""
    found = [
        Violation(f"value.{name}", "is no field of an experiment that can be edited")
        for name in updates
        if name not in FIELDS
    ]
    for name, field in FIELDS.items():
        if name not in updates:
            continue
        try:
            value = allowed(name, updates[name], status)
            said = Edit(hand.now, which, updates[name].operation, value, hand.setting)
            for command in field.commands(said):
                yield from hand.ask(command)
        except Invalid as error:
            found += error.under(f"value.{name}").violations
    if found:
        raise Invalid(*found)


def _wanting(hand: Hand, reason: str) -> Iterator[bool | Violation]:
    """Every reason why the draft cannot start, in the words of the wire."""
    yield text_rule("changeJustification", reason)
    if hand.now.draft is not None:
        facts = facts_for(hand.setting.world, hand.now, _flag(hand))
        for each in shortcomings(hand.now.draft, facts):
            yield replace(each, where=_AT_START.get(each.where, each.where))


def _start(reason: str, hand: Hand) -> Steps:
    yield from hand.ask(start_of(hand.setting.world, hand.now, _flag(hand), reason))


def _flag(hand: Hand) -> Flag:
    flag = hand.setting.flag(hand.now.flag)
    if flag is None:
        raise Invalid(Violation("flag", "is there no longer", hand.now.flag))
    return flag


Instruct = Callable[[Any, Hand], Steps]

INSTRUCTIONS: Mapping[type[Struct], Instruct] = {
    documents.UpdateName: update_name,
    documents.UpdateDescription: update_description,
    documents.UpdateExperimentFields: update_fields,
    documents.SaveAndStartNewIteration: save_and_start,
    documents.StartIteration: start_iteration,
    documents.StopWithWinner: stop_iteration,
    documents.ArchiveExperiment: archive,
    documents.RestoreExperiment: restore,
}
WHILE_ARCHIVED = frozenset({documents.ArchiveExperiment, documents.RestoreExperiment})


def following(hand: Hand) -> Mapping[type[Struct], Callable[[Any, Any], Steps]]:
    """How each kind of instruction is followed on this experiment."""
    return {kind: _follow(kind, hand) for kind in INSTRUCTIONS}


def _follow(kind: type[Struct], hand: Hand) -> Callable[[Any, Any], Steps]:
    """How instructions of a kind are followed on this experiment, if it is not archived."""

    def steps(said: Any, _world: Any) -> Steps:
        rule = "the experiment is archived; restoreExperiment first"
        check(kind in WHILE_ARCHIVED or hand.now.archived_at is None or Violation("kind", rule))
        yield from INSTRUCTIONS[kind](said, hand)

    return steps
