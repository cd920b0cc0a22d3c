"""Experiments behind gates, and who gets into them."""

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from equipoise.domain.barriers import Barriers
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import Create, Start
from equipoise.domain.experiment.readiness import facts_of
from equipoise.domain.experiment.state import Experiment
from equipoise.domain.flag.state import Flag
from equipoise.domain.gates import Gate
from equipoise.domain.proposal import Proposal
from equipoise.domain.snapshot import snapshot
from equipoise.evaluation.compile import compile
from equipoise.evaluation.context import context
from tests.domain.builders import a_flag, a_targeting, after, an_environment
from tests.domain.experiment.examples import an_experiment, an_iteration
from tests.evaluation.answers import Both
from tests.storage.desk import an_id

HERE = an_environment()


def a_switch(key: str) -> Flag:
    """A flag that is on here."""
    return a_flag(id=an_id(key), key=key, targeting={HERE.key: a_targeting()})


def started(flag: Flag, proposal: Proposal, *gates: Gate, **fields: Any) -> Experiment:
    """It runs on the flag, behind these gates."""
    draft = an_iteration(id=an_id(f"iteration of {flag.key}"), proposal=proposal)
    born = an_experiment(id=an_id(f"on {flag.key}"), key=flag.key, flag=flag.key, draft=draft)
    facts = facts_of(flag, HERE.key, barriers=Barriers(gates))
    return after(EXPERIMENT, None, Create(replace(born, **fields)), Start(facts))


def serving(flags: Iterable[Flag], experiments: Iterable[Experiment]) -> Both:
    return Both(compile(snapshot(HERE, 9, flags, {}, experiments)))


def arms(both: Both, flag: str, key: str) -> tuple[int | None, bool]:
    """The index of the variation, and whether it counts."""
    decision = both.decide(flag, context({"kind": "user", "key": key}))
    return decision.variation, decision.reason.in_experiment
