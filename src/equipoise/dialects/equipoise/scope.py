"""The environment that a request is about."""

from equipoise.domain.errors import Invalid, Violation
from equipoise.domain.identity import Place
from equipoise.translation.call import Call
from equipoise.translation.routes import Parameter

SCOPE = (
    Parameter("project", "Key of the project; the token's home where it is not said."),
    Parameter("environment", "Key of the environment; the token's home where it is not said."),
)


def place_of(call: Call) -> Place:
    """The environment that is asked about. raises Unknown, Invalid"""
    home = call.library.principal(call.credential).home
    project = call.asked("project") or home.project
    environment = call.asked("environment") or (home.environment if project == home.project else "")
    if not project or not environment:
        rule = "must be said: this token is at home in no environment of it"
        raise Invalid(Violation("environment" if project else "project", rule))
    return Place(project, environment)
