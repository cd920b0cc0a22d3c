"""Routes of explanations."""

import msgspec

from equipoise.application.answers import Answer
from equipoise.application.explaining import Explained, explained
from equipoise.application.world import World
from equipoise.dialects.equipoise.scope import PROJECT, place_in_path
from equipoise.domain.errors import Violation
from equipoise.security.permissions import Act
from equipoise.translation.call import Call
from equipoise.translation.contexts import context_said
from equipoise.translation.routes import Parameter, Route


def get_explanation(call: Call) -> Answer:
    flag, context = call.asked("flag"), context_said(call.asked("context"))
    place = place_in_path(
        call,
        bool(flag) or Violation("flag", "is required"),
        not context.error or Violation("context", context.error),
    )

    def answer(world: World) -> Answer:
        return Answer(200, msgspec.json.encode(explained(world, place, flag, context)))

    return call.read(answer, place)


ROUTES: tuple[Route, ...] = (
    Route(
        "GET",
        "/equipoise/v1/environments/{environment}/explain",
        Act.READ,
        get_explanation,
        "explain",
        {200: Explained},
        query=(
            Parameter("flag", "Key of the flag."),
            Parameter("context", "The context as JSON, with its kind and its key."),
            PROJECT,
        ),
        about="Why a context is served what it is served: each step of the decision, in words.",
    ),
)
