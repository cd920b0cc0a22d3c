"""A result: the verdict, the evidence, whether to believe it, and how it was computed."""

from hashlib import sha256
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from equipoise.analysis import admitting, charts
from equipoise.analysis.data import COMPACTION
from equipoise.analysis.results import Call, Grade, Results, Warned
from equipoise.application.answers import Answer
from equipoise.application.kept import Kept
from equipoise.application.world import World
from equipoise.domain.errors import Missing
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.state import Experiment
from equipoise.web import drawing
from equipoise.web.experiment import header
from equipoise.web.gallery import (
    CHARTS,
    WIDTH_MAX,
    WIDTH_MIN,
    WIDTHS,
    compared_over_time,
    described,
    framed,
    noticed,
)
from equipoise.web.html import PRIVATE, page
from equipoise.web.tooltips import TELL
from equipoise.web.visit import Visit

MARK_LENGTH = 16
KEPT_MAX = 32  # results, so that a page and its charts are of the same figures
PICTURES_MAX = 256
THEMES = ("light", "dark")
MADE_ONCE = ("Cache-Control", "private, max-age=86400, immutable")
JSON = ("Content-Type", "application/json")

HEADLINES = {
    Call.NO_DATA: "No data yet",
    Call.UNTRUSTED: "Not to be trusted",
    Call.UNDECIDED: "Undecided so far",
    Call.BETTER: "Better",
    Call.NOT_WORSE: "Not worse",
    Call.WORSE: "Worse",
}


class Decision(Struct, frozen=True):
    """How it was ended: the name of the winner, "" for none; `at` in milliseconds since 1970."""

    winner: str
    reason: str
    at: int


class ChartShown(Struct, frozen=True):
    """A chart on the page; `about` says how to read it, `noticed` what is to be seen in it."""

    name: str
    title: str
    about: str
    alternative: str
    noticed: tuple[str, ...]


_RESULTS: Kept[Results] = Kept(KEPT_MAX)
_PICTURES: Kept[bytes] = Kept(PICTURES_MAX)


def show(visit: Visit) -> Answer:
    who, place = visit.principal, visit.place
    experiment, top = visit.read(lambda world: _top(world, visit), place, who)
    if experiment.current is None:
        return page("result", who=who.name, **top, tab="result", results=None)
    results = visit.reports(who, place, experiment.key)
    mark = mark_of(results)
    _RESULTS.put((*_key(visit, experiment), mark), results)
    seen = any(arm.units for arm in results.arms)
    return page(
        "result",
        who=who.name,
        **top,
        tab="result",
        results=results,
        seen=seen,
        headline=HEADLINES[results.verdict.call],
        arms={arm.id: arm for arm in results.arms},
        measured={(arm.id, each.metric): each for arm in results.arms for each in arm.measurements},
        warned=_warned(results) if seen else [],  # with nobody seen, the verdict says it all
        broken=[check for check in results.health if check.grade is Grade.BAD],
        decision=decided(experiment, results),
        charts=[_shown(name, results) for name in CHARTS if seen],
        admitted=admitting.sentences(results.admission, results.unit),
        shares=any(each.binary for each in results.comparisons),
        mark=mark,
    )


def document(visit: Visit) -> Answer:
    """The whole result, for programs that signed in."""
    return Answer(200, msgspec.json.encode(_current(visit, _experiment(visit))), (JSON, PRIVATE))


def chart(visit: Visit) -> Answer:
    """A chart, drawn (.svg) or as the Vega-Lite document it is drawn from (.json). raises Missing"""
    name, _, form = visit.path["chart"].partition(".")
    if name not in CHARTS or form not in ("svg", "json"):
        raise Missing("chart", visit.path["chart"])
    theme = visit.asked("theme", 8)
    theme = theme if theme in THEMES else THEMES[0]
    size = visit.asked("size", 8)
    size = size if size in WIDTHS else "wide"
    experiment, asked = _experiment(visit), visit.asked("v", MARK_LENGTH)
    key = _key(visit, experiment)
    results = _RESULTS.known((*key, asked)) or _current(visit, experiment)
    mark = mark_of(results)
    _RESULTS.put((*key, mark), results)
    keep = MADE_ONCE if mark == asked else PRIVATE
    if form == "json":
        width = min(max(visit.number("width") or WIDTHS[size], WIDTH_MIN), WIDTH_MAX)
        live = charts.themed(TELL[name](framed(CHARTS[name], results, width)), theme)
        return Answer(200, msgspec.json.encode(live), (JSON, keep))
    which = (*key, mark, name, theme, size)
    made = framed(CHARTS[name], results, WIDTHS[size])
    picture = _PICTURES.get(which, lambda: drawing.svg(made, theme))
    return Answer(200, picture, (("Content-Type", "image/svg+xml"), keep))


def decided(experiment: Experiment, results: Results) -> Decision | None:
    """What was decided when it was stopped; None while nothing was."""
    ended = experiment.current
    if ended is None or ended.ended_at is None:
        return None
    names = results.arm_names
    return Decision(names.get(ended.winner, ended.winner), ended.winner_reason, ended.ended_at)


def mark_of(results: Results) -> str:
    """The same for the same figures, whenever they were computed."""
    lasting = tuple(each for each in results.health if each.code != COMPACTION)
    timeless = replace(results, health=lasting, computation=replace(results.computation, computed_at=0))
    return sha256(msgspec.json.encode(timeless)).hexdigest()[:MARK_LENGTH]


def _shown(name: str, results: Results) -> ChartShown:
    about = CHARTS[name].about
    subject = compared_over_time(results) if name == "interval" else ""
    return ChartShown(
        name,
        CHARTS[name].title,
        f"{subject} {about}".strip(),
        described(name, results),
        tuple(noticed(name, results)),
    )


def _warned(results: Results) -> list[tuple[Warned, list[str]]]:
    """Each warning once, with the metrics that it concerns."""
    found: dict[Warned, list[str]] = {}
    for each in results.comparisons:
        for warned in each.warnings:
            found.setdefault(warned, [])
            if each.name not in found[warned]:
                found[warned].append(each.name)
    return list(found.items())


def _current(visit: Visit, experiment: Experiment) -> Results:
    if experiment.current is None:
        raise Missing("result", experiment.key)
    return visit.reports(visit.principal, visit.place, experiment.key)


def _experiment(visit: Visit) -> Experiment:
    return visit.read(lambda world: world.named(EXPERIMENT, visit.place, visit.path["key"]), visit.place)


def _top(world: World, visit: Visit) -> tuple[Experiment, dict[str, Any]]:
    experiment = world.named(EXPERIMENT, visit.place, visit.path["key"])
    return experiment, header(world, visit.place, experiment)


def _key(visit: Visit, experiment: Experiment) -> tuple[str, ...]:
    """Whose results: by id, since a key may be given again."""
    return visit.place.project, visit.place.environment, experiment.id
