"""Routes of our own interface."""

from datetime import datetime

import msgspec

from equipoise.analysis.results import Results
from equipoise.application.answers import Answer
from equipoise.application.results import Wanted
from equipoise.domain.errors import Invalid, Violation
from equipoise.domain.identity import Place
from equipoise.security.permissions import Act
from equipoise.translation.call import Call
from equipoise.translation.routes import Parameter, Route

SCOPE = (
    Parameter("project", "Key of the project; the token's home where it is not said."),
    Parameter("environment", "Key of the environment; the token's home where it is not said."),
)


def get_results(call: Call) -> Answer:
    wanted = Wanted(call.path["key"], call.asked("iteration"), _until(call))
    return Answer(200, msgspec.json.encode(call.results(wanted, _place(call))))


def _place(call: Call) -> Place:
    """The environment that is asked about. raises Unknown, Invalid"""
    home = call.library.principal(call.credential).home
    project = call.asked("project") or home.project
    environment = call.asked("environment") or (home.environment if project == home.project else "")
    if not project or not environment:
        rule = "must be said: this token is at home in no environment of it"
        raise Invalid(Violation("environment" if project else "project", rule))
    return Place(project, environment)


def _until(call: Call) -> int | None:
    """Microseconds since 1970. raises Invalid"""
    text = call.asked("until")
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is not None:
            return int(at.timestamp() * 1_000_000)
    except (ValueError, OverflowError):
        pass
    raise Invalid(Violation("until", "must be an ISO 8601 time with its offset, such as Z", text))


ROUTES: tuple[Route, ...] = (
    Route(
        "GET",
        "/equipoise/v1/experiments/{key}/results",
        Act.READ,
        get_results,
        "getResults",
        {200: Results},
        query=(
            *SCOPE,
            Parameter(
                "iteration", "Id of an iteration; the current one, else the last, where it is not said."
            ),
            Parameter("until", "An ISO 8601 time with its offset: what came after it does not count."),
        ),
        about="What an experiment has shown: verdict, arms, comparisons, health, and how it was computed.",
    ),
)
