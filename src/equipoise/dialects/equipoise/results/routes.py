"""Routes of results."""

from datetime import datetime

import msgspec

from equipoise.analysis.results import Results
from equipoise.application.answers import Answer
from equipoise.application.results import Wanted
from equipoise.dialects.equipoise.scope import SCOPE, place_of
from equipoise.domain.errors import Invalid, Violation
from equipoise.security.permissions import Act
from equipoise.translation.call import Call
from equipoise.translation.routes import Parameter, Route


def get_results(call: Call) -> Answer:
    wanted = Wanted(call.path["key"], call.asked("iteration"), _until(call))
    return Answer(200, msgspec.json.encode(call.results(wanted, place_of(call))))


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
