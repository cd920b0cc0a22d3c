"""Routes of experiments."""

from typing import Any

from equipoise.application.answers import Answer
from equipoise.application.ports import Query
from equipoise.application.requests import Target
from equipoise.application.world import World
from equipoise.dialects.auth0 import ids
from equipoise.dialects.auth0.experiments import documents, intents, render
from equipoise.dialects.auth0.experiments.around import around
from equipoise.dialects.auth0.experiments.hand import named
from equipoise.dialects.auth0.experiments.intents import SAID
from equipoise.dialects.auth0.experiments.statuses import OURS, TRANSITIONS, flow_of
from equipoise.dialects.auth0.flags.intents import named as flag_named
from equipoise.dialects.auth0.paging import PAGE, page
from equipoise.dialects.auth0.queries import chosen
from equipoise.dialects.auth0.tenant import tenant
from equipoise.domain.errors import Missing
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.state import Experiment
from equipoise.domain.identity import Place
from equipoise.security.permissions import Act
from equipoise.translation.answers import GONE, made, said
from equipoise.translation.call import Call
from equipoise.translation.routes import Parameter, Route

ALL = "/api/v2/experimentation/experiments"
ONE = ALL + "/{id}"
_FILTERS = (
    Parameter("status", "draft, active, paused, completed or archived; archived ones only when asked for."),
    Parameter("authentication_flow", "The flow they are on."),
    Parameter("feature_flag_id", "The feature flag they are on."),
)


def list_experiments(call: Call) -> Answer:
    place, flow = tenant(call), call.asked("authentication_flow")
    status = chosen(call, "status", tuple(TRANSITIONS))

    def on_flow(each: Experiment) -> bool:
        return not flow or flow_of(each) == flow

    def answer(world: World) -> Answer:
        query = Query(
            place,
            archived=status == "archived",
            statuses=OURS.get(status, ()),
            links=_on_flag(world, place, call.asked("feature_flag_id")),
        )
        found, following = page(world, call, EXPERIMENT, SAID, query, on_flow)
        return said(render.experiments(found, around(world, place, found), following))

    return call.read(answer, place)


def create_experiment(call: Call) -> Answer:
    place = tenant(call)

    def answer(world: World, now: Experiment) -> Answer:
        return made(_told(world, place, now), now.revision)

    return call.change(intents.create(place, call.json()), answer, place)


def get_experiment(call: Call) -> Answer:
    place = tenant(call)

    def answer(world: World) -> Answer:
        now = named(world, place, call.path["id"])
        return said(_told(world, place, now, past=bool(call.asked("asOf"))), now.revision)

    return call.read(answer, place)


def update_experiment(call: Call) -> Answer:
    return _changed(call, tenant(call), call.json())


def move_experiment(call: Call) -> Answer:
    """The transition alone, as clients of the beta ask for it."""
    place = tenant(call)
    return _changed(call, place, {"status": call.document(documents.UpdateStatus).status})


def _changed(call: Call, place: Place, body: Any) -> Answer:
    id = call.path["id"]

    def answer(world: World, now: Experiment) -> Answer:
        return said(_told(world, place, now), now.revision)

    return call.change(intents.update(place, id, body), answer, place, _target(id))


def delete_experiment(call: Call) -> Answer:
    place, id = tenant(call), call.path["id"]
    target = Target(EXPERIMENT, id=ids.known(SAID, id))
    return call.change(intents.remove(place, id), lambda *_: GONE, place, target)


def validate_experiment(call: Call) -> Answer:
    place = tenant(call)

    def answer(world: World) -> Answer:
        now = named(world, place, call.path["id"])
        return said(render.validation(now, around(world, place, (now,), past=bool(call.asked("asOf")))))

    return call.read(answer, place)


def advance_ramp(call: Call) -> Answer:
    place, id = tenant(call), call.path["id"]

    def answer(world: World, moved: tuple[Experiment, Experiment]) -> Answer:
        return said(render.advanced(*moved), moved[1].revision)

    return call.change(intents.advance(place, id, call.json()), answer, place, _target(id))


def _told(world: World, place: Place, now: Experiment, past: bool = False) -> documents.Experiment:
    return render.experiment(now, around(world, place, (now,), past))


def _target(id: str) -> Target:
    """raises Missing"""
    return Target(EXPERIMENT, id=ids.read(SAID, id))


def _on_flag(world: World, place: Place, id: str) -> tuple[tuple[str, str], ...]:
    """What a list of those on a flag is linked to; a flag that is not there has none on it."""
    if not id:
        return ()
    try:
        return (("flag", flag_named(world, place, id).key),)
    except Missing:
        return (("flag", ""),)


ROUTES: tuple[Route, ...] = (
    Route(
        "GET",
        ALL,
        Act.READ,
        list_experiments,
        "get_experiments",
        {200: documents.Experiments},
        query=(*PAGE, *_FILTERS),
        about="The tenant's experiments, however they were made.",
    ),
    Route(
        "POST",
        ALL,
        Act.CREATE,
        create_experiment,
        "create_experiment",
        {201: documents.Experiment},
        body=documents.CreateExperiment,
        brief=True,
        about="Creates an experiment as a draft, which need not be complete.",
    ),
    Route(
        "GET",
        ONE,
        Act.READ,
        get_experiment,
        "get_experiment",
        {200: documents.Experiment},
        brief=True,
        about="One experiment.",
    ),
    Route(
        "PATCH",
        ONE,
        Act.UPDATE,
        update_experiment,
        "update_experiment",
        {200: documents.Experiment},
        body=documents.UpdateExperiment,
        brief=True,
        about="Changes an experiment, and moves it on: fields first, then the transition; all or nothing.",
    ),
    Route(
        "DELETE",
        ONE,
        Act.DELETE,
        delete_experiment,
        "delete_experiment",
        {204: None},
        brief=True,
        about="Deletes an experiment, if there is one and it is not active.",
    ),
    Route(
        "POST",
        ONE + "/status",
        Act.UPDATE,
        move_experiment,
        "update_experiment_status",
        {200: documents.Experiment},
        body=documents.UpdateStatus,
        brief=True,
        about="Moves an experiment on, as clients of the beta do.",
    ),
    Route(
        "POST",
        ONE + "/validate",
        Act.READ,
        validate_experiment,
        "validate_experiment",
        {200: documents.Validation},
        brief=True,
        about="Whether an experiment may be activated, and every cause why not.",
    ),
    Route(
        "POST",
        ONE + "/advance-ramp",
        Act.UPDATE,
        advance_ramp,
        "advance_experiment_ramp",
        {200: documents.Advanced},
        body=documents.AdvanceRamp,
        brief=True,
        about="Takes a ramp to its next level; where it stands there already, nothing changes.",
    ),
)
