"""Holdouts as documents."""

from collections.abc import Iterable, Sequence

from msgspec import UNSET, Struct
from msgspec.structs import replace

from equipoise.application.world import World
from equipoise.dialects.launchdarkly.documents import Links
from equipoise.dialects.launchdarkly.experiments import documents as wire
from equipoise.dialects.launchdarkly.experiments import render as experiments
from equipoise.dialects.launchdarkly.experiments.percents import spelt
from equipoise.dialects.launchdarkly.holdouts import documents
from equipoise.dialects.launchdarkly.links import link
from equipoise.domain.allocation import SHARE_WHOLE
from equipoise.domain.experiment.state import Experiment, Iteration, Status
from equipoise.domain.holdout.state import Holdout

RELATED = "rel-"  # before what is to be expanded of experiments that joined


class Joined(Struct, frozen=True):
    """A holdout, and the experiments that joined it."""

    holdout: Holdout
    experiments: tuple[Experiment, ...]

    @property
    def status(self) -> documents.Status:
        if self.holdout.ended_at is not None:
            return "ended"
        if any(each.active for each in self.experiments):
            return "running"
        return "enabled" if self.experiments else "created"

    @property
    def began(self) -> int | None:
        """When the first experiment that joined it started, in milliseconds since 1970."""
        starts = (each.started_at for of in self.experiments for each in of.iterations)
        return min((at for at in starts if at is not None), default=None)


def joined(world: World, now: Holdout) -> Joined:
    found = world.using(now.project, "holdout", now.id)
    here = (each for each in found if each.place == now.place and world.principal.sees(each.place))
    return Joined(now, tuple(here))


def holdout(world: World, now: Holdout) -> documents.Holdout:
    known = joined(world, now)
    return documents.Holdout(
        id=now.id,
        status=known.status,
        holdoutAmount=spelt(now.share),
        createdAt=now.created_at,
        updatedAt=now.touched_at,
        baseExperiment=_base(world, known, frozenset(), False),
        experiments=_related(known),
        description=now.description or UNSET,
    )


def detail(world: World, now: Holdout, expand: Iterable[str], past: bool) -> documents.HoldoutDetail:
    known, asked = joined(world, now), frozenset(expand)
    of_related = frozenset(each.removeprefix(RELATED) for each in asked if each.startswith(RELATED))
    around = experiments.around(world, now.project, known.experiments, of_related, past)
    return documents.HoldoutDetail(
        id=now.id,
        status=known.status,
        holdoutAmount=spelt(now.share),
        createdAt=now.created_at,
        updatedAt=now.touched_at,
        baseExperiment=_base(world, known, asked, past),
        isDirty=known.status == "running",
        relatedExperiments=[experiments.experiment(each, around, of_related) for each in known.experiments],
        description=now.description or UNSET,
    )


def listed(world: World, found: Sequence[Holdout], total: int, links: Links) -> documents.Holdouts:
    return documents.Holdouts([_in_list(joined(world, each)) for each in found], total, links)


def _in_list(known: Joined) -> documents.HoldoutInList:
    now = known.holdout
    return documents.HoldoutInList(
        now.id, now.key, now.name, known.status, now.created_at, now.touched_at, _related(known)
    )


def _related(known: Joined) -> list[documents.Related]:
    return [documents.Related(each.key, each.name, each.environment) for each in known.experiments]


def _base(world: World, known: Joined, expand: frozenset[str], past: bool) -> wire.Experiment:
    """The holdout as an experiment of two arms, which the wire wants to see behind it. It is none of ours."""
    now = known.holdout
    told = _as_experiment(known)
    shown = experiments.experiment(
        told, experiments.around(world, now.project, (told,), expand, past), expand
    )
    here = ("projects", now.project, "environments", now.environment)
    links = {"self": link(*here, "holdouts", now.key), "parent": link(*here)}
    iteration = shown.currentIteration
    assert iteration is not UNSET, "it was made with one"
    treatments = _treatments(now) if iteration.treatments is not UNSET else UNSET
    flags = iteration.flags if now.flag else {}
    return replace(
        shown, links=links, currentIteration=replace(iteration, flags=flags, treatments=treatments)
    )


_STATUSES: dict[documents.Status, Status] = {"running": Status.RUNNING, "ended": Status.STOPPED}


def _as_experiment(known: Joined) -> Experiment:
    now = known.holdout
    iteration = Iteration(
        id=now.id,
        created_at=now.created_at,
        status=_STATUSES.get(known.status, Status.DRAFT),
        unit=now.unit,
        metrics=now.metrics,
        primary=now.primary,
        attributes=now.attributes,
        reshuffle=False,
        started_at=known.began,
        ended_at=now.ended_at,
    )
    return Experiment(
        id=now.id,
        project=now.project,
        environment=now.environment,
        key=now.key,
        name=now.name,
        flag=now.flag,
        created_at=now.created_at,
        maintainer=now.maintainer,
        description=now.description,
        design="holdout",
        current=iteration,
    )


def _treatments(now: Holdout) -> list[wire.Treatment]:
    return [
        wire.Treatment(f"{now.id}-{at}", name, spelt(share), baseline, [])
        for at, (name, share, baseline) in enumerate(
            (("Held out", now.share, True), ("Not held out", SHARE_WHOLE - now.share, False))
        )
    ]
