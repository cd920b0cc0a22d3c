"""Routes of experiments."""

from equipoise.application.answers import Answer
from equipoise.application.requests import Target
from equipoise.application.world import World
from equipoise.dialects.launchdarkly.experiments import documents, intents, queries, render
from equipoise.dialects.launchdarkly.links import paged
from equipoise.dialects.launchdarkly.patches import SEMANTIC, patch_of
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.errors import Invalid, Violation
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.state import Experiment, Iteration
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.project import PROJECT
from equipoise.security.permissions import Act
from equipoise.translation.answers import made, said
from equipoise.translation.call import Call
from equipoise.translation.routes import Route

ALL = "/api/v2/projects/{projectKey}/environments/{environmentKey}/experiments"
ONE = ALL + "/{experimentKey}"


def get_experiments(call: Call) -> Answer:
    place, asked, expand = _place(call), queries.asked(call), frozenset(call.listed("expand"))

    def answer(world: World) -> Answer:
        world.named(PROJECT, INSTANCE, place.project)
        if place.environment:
            world.named(ENVIRONMENT, Place(place.project), place.environment)
        found = world.select(EXPERIMENT, asked.query(world, place))
        around = render.around(world, place.project, found.items, expand)
        links = paged(call, found.total, asked.limit, asked.offset)
        return said(render.experiments(found.items, found.total, links, around, expand))

    return call.read(answer, place)


def post_experiment(call: Call) -> Answer:
    place = _place(call)

    def answer(world: World, now: Experiment) -> Answer:
        return made(_told(world, now, render.WHOLE), now.revision)

    return call.change(intents.create(place, call.json()), answer, place)


def get_experiment(call: Call) -> Answer:
    place, expand = _place(call), frozenset(call.listed("expand"))

    def answer(world: World) -> Answer:
        now = world.named(EXPERIMENT, place, call.path["experimentKey"])
        return said(_told(world, now, expand, past=bool(call.asked("asOf"))), now.revision)

    return call.read(answer, place)


def patch_experiment(call: Call) -> Answer:
    place, key, patch = _place(call), call.path["experimentKey"], patch_of(call)
    if patch.instructions is None:
        raise Invalid(Violation("instructions", "is required: experiments are patched by instructions"))
    expand = render.WHOLE | frozenset(call.listed("expand"))

    def answer(world: World, now: Experiment) -> Answer:
        return said(_told(world, now, expand), now.revision)

    intent = intents.patch(place, key, patch.instructions)
    return call.change(intent, answer, place, Target(EXPERIMENT, place, key), patch.comment)


def post_iteration(call: Call) -> Answer:
    place, key = _place(call), call.path["experimentKey"]

    def answer(world: World, drafted: Iteration) -> Answer:
        now = world.named(EXPERIMENT, place, key)
        around = render.around(world, place.project, (now,), render.WHOLE)
        document = render.iteration(now, drafted, len(now.iterations), around, render.WHOLE)
        return said(document, now.revision)

    target = Target(EXPERIMENT, place, key)
    return call.change(intents.draft(place, key, call.json()), answer, place, target)


def _told(world: World, now: Experiment, expand: frozenset[str], past: bool = False) -> documents.Experiment:
    around = render.around(world, now.project, (now,), expand, past)
    return render.experiment(now, around, expand)


def _place(call: Call) -> Place:
    return Place(call.path["projectKey"], call.path.get("environmentKey", ""))


ROUTES: tuple[Route, ...] = (
    Route(
        "GET",
        ALL,
        Act.READ,
        get_experiments,
        "getExperiments",
        {200: documents.Experiments},
        query=queries.LIST,
        about="The experiments of an environment.",
    ),
    Route(
        "POST",
        ALL,
        Act.CREATE,
        post_experiment,
        "createExperiment",
        {201: documents.Experiment},
        body=documents.ExperimentPost,
        about="Creates an experiment with its first iteration, which startIteration starts.",
    ),
    Route(
        "GET",
        ONE,
        Act.READ,
        get_experiment,
        "getExperiment",
        {200: documents.Experiment},
        brief=True,
        query=(queries.EXPAND, queries.AS_OF),
        about="One experiment.",
    ),
    Route(
        "PATCH",
        ONE,
        Act.UPDATE,
        patch_experiment,
        "patchExperiment",
        {200: documents.Experiment},
        brief=True,
        body=documents.ExperimentPatch,
        query=(queries.EXPAND,),
        about="Changes an experiment by instructions: all of them, in order, or none.",
        media=("application/json", SEMANTIC),
    ),
    Route(
        "POST",
        ONE + "/iterations",
        Act.CREATE,
        post_iteration,
        "createIteration",
        {200: documents.Iteration},
        body=documents.IterationInput,
        about="Makes a draft iteration, in place of any that waits.",
    ),
    Route(
        "GET",
        "/api/v2/projects/{projectKey}/experiments",
        Act.READ,
        get_experiments,
        "getExperimentsAnyEnv",
        {200: documents.Experiments},
        query=queries.LIST,
        about="The experiments of all environments of a project.",
    ),
)
