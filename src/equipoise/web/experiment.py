"""One experiment: what it asks, whom it gives what, its life so far, and who changed it."""

from typing import Any
from urllib.parse import urlencode

from msgspec import Struct

from equipoise.application.admission import admission_of
from equipoise.application.answers import Answer
from equipoise.application.ports import LogRow
from equipoise.application.world import World
from equipoise.domain.errors import Violation
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.events import IterationAnnotated
from equipoise.domain.experiment.readiness import shortcomings, warnings
from equipoise.domain.experiment.state import Experiment, Iteration
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.state import FALLTHROUGH, Flag
from equipoise.domain.identity import Place
from equipoise.domain.labels import Annotated
from equipoise.domain.metric import METRIC
from equipoise.domain.token import TOKEN
from equipoise.translation.starting import facts_for
from equipoise.web.arms import arms_of, ramp_of, rest_of
from equipoise.web.doorway import address, explain_of, places_seen, sharing_of
from equipoise.web.experiments import one
from equipoise.web.html import page
from equipoise.web.lines import lines_of
from equipoise.web.visit import Visit
from equipoise.web.words import happened

LOG_ITEMS = 20
NOTES = (Annotated, IterationAnnotated)  # of some surface alone; told where nothing else happened
DEMO, DEMO_TAG = "equipoise.demo", "equipoise-demo"


class MetricShown(Struct, frozen=True):
    """A metric as the design names it."""

    key: str
    name: str
    role: str
    direction: str
    version: int


class Change(Struct, frozen=True):
    """A row of the change log; `at` in milliseconds since 1970."""

    number: int
    at: int
    who: str
    surface: str
    comment: str
    said: tuple[str, ...]


def show(visit: Visit) -> Answer:
    who, place = visit.principal, visit.place

    def found(world: World) -> Answer:
        experiment = world.named(EXPERIMENT, place, visit.path["key"])
        flag = world.peek(FLAG, Place(place.project), experiment.flag)
        shown = experiment.shown
        arms = arms_of(shown, flag)
        log = changes(world, experiment, visit.number("before"))
        return page(
            "experiment",
            who=who.name,
            **header(world, place, experiment),
            tab="design",
            explain=f"{explain_of(place)}?{urlencode({'flag': experiment.flag})}",
            flag=flag,
            shown=shown,
            rule=rule_said(shown, flag),
            rest=rest_of(shown),
            arms=arms,
            ramp=ramp_of(shown, arms),
            lines=lines_of(admission_of(world, experiment, shown), shown.unit) if shown else (),
            sharing=sharing_of(place),
            metrics=metrics_of(world, experiment),
            unready=[_said(each) for each in unready(world, experiment, flag)],
            unwise=[_said(each) for each in (warnings(experiment.draft) if experiment.draft else ())],
            life=tuple(reversed(experiment.iterations)),
            log=log,
            older=log[-1].number if len(log) == LOG_ITEMS and log[-1].number > 1 else None,
            paged=visit.number("before") is not None,
        )

    return visit.read(found, place, who)


def header(world: World, place: Place, experiment: Experiment) -> dict[str, Any]:
    """What both pages of an experiment begin with."""
    return {
        "place": place,
        "places": places_seen(world),
        "here": address(place),
        "base": one(place, experiment.key),
        "experiment": experiment,
        "demo": demo_of(experiment),
    }


def demo_of(experiment: Experiment) -> str:
    """What a demonstration knows to be true of this experiment, "" where it is none: a note, or, from where
    notes cannot be set, the description under a tag."""
    told = experiment.annotations.get(DEMO)
    if isinstance(told, str):
        return told
    return experiment.description if DEMO_TAG in experiment.tags else ""


def metrics_of(world: World, experiment: Experiment) -> tuple[MetricShown, ...]:
    iteration = experiment.shown
    found = []
    for use in iteration.metrics if iteration else ():
        metric = None if use.group else world.peek(METRIC, Place(experiment.project), use.key)
        primary = iteration is not None and use.key == iteration.primary_key
        more = "" if metric is None else "more is better" if metric.definition.higher else "less is better"
        role = "decides" if primary else "group" if use.group else "also measured"
        found.append(MetricShown(use.key, metric.name if metric else use.key, role, more, use.version))
    return tuple(found)


def unready(world: World, experiment: Experiment, flag: Flag | None) -> tuple[Violation, ...]:
    """Why the draft cannot start yet; nothing where there is no draft."""
    if experiment.draft is None:
        return ()
    if flag is None:
        return (Violation("flag", "is not there any more", experiment.flag),)
    return shortcomings(experiment.draft, facts_for(world, experiment, flag))


def changes(world: World, experiment: Experiment, before: int | None) -> tuple[Change, ...]:
    """The newest changes, or those before a number of the log."""
    return tuple(
        _change(world, row) for row in world.reader.story(EXPERIMENT, experiment.id, before, LOG_ITEMS)
    )


def rule_said(iteration: Iteration | None, flag: Flag | None) -> str:
    if iteration is None:
        return ""
    if iteration.rule == FALLTHROUGH:
        return "the default rule, for whoever no other rule reaches"
    targetings = flag.targeting.values() if flag else ()
    rules = {rule.id: rule.description for targeting in targetings for rule in targeting.rules}
    return f"rule “{rules.get(iteration.rule) or iteration.rule}”"


def _change(world: World, row: LogRow) -> Change:
    token = world.find(TOKEN, row.principal)
    who = token.name or f"token …{token.ending}" if token else ""
    if not who:
        who = "the instance itself" if row.principal == "instance" else f"a token ({row.principal[:8]})"
    told = [each for each in row.events if not isinstance(each, NOTES)] or row.events
    return Change(row.number, row.at, who, row.surface, row.comment, tuple(map(happened, told)))


def _said(violation: Violation) -> str:
    return f"{violation.where}: {violation.rule}" if violation.where else violation.rule
