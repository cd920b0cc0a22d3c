"""The environment that a request is about."""

from equipoise.domain.errors import Invalid, Violation, check
from equipoise.domain.identity import Place
from equipoise.translation.call import Call
from equipoise.translation.routes import Parameter

PROJECT = Parameter("project", "Key of the project; the token's home where it is not said.")
SCOPE = (
    PROJECT,
    Parameter("environment", "Key of the environment; the token's home where it is not said."),
)
_UNSAID = "must be said: this token is at home in no environment of it"


def place_of(call: Call) -> Place:
    """The environment that is asked about. raises Unknown, Invalid"""
    home = call.library.principal(call.credential).home
    project = call.asked("project") or home.project
    environment = call.asked("environment") or (home.environment if project == home.project else "")
    if not project or not environment:
        raise Invalid(Violation("environment" if project else "project", _UNSAID))
    return Place(project, environment)


def place_in_path(call: Call, *others: bool | Violation) -> Place:
    """The environment that the path names, of the project that is asked about. raises Unknown, Invalid with
    what others found wrong besides"""
    home = call.library.principal(call.credential).home
    project = call.asked("project") or home.project
    check(bool(project) or Violation("project", _UNSAID), *others)
    return Place(project, call.path["environment"])
