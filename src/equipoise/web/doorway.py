"""Coming in and going out: one-time links, API tokens, sign-out, and the way to a first page."""

from urllib.parse import quote

from equipoise.application.answers import Answer
from equipoise.application.ports import Query
from equipoise.application.world import World
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.errors import Missing, Unknown
from equipoise.domain.identity import INSTANCE, Place
from equipoise.web.html import lead, page
from equipoise.web.visit import HOME, Visit, own_path

LINK_USED = "This link has been used already, or it has expired."
NO_TOKEN = "That is no valid token: it is misspelled, expired or revoked."


def home(visit: Visit) -> Answer:
    """Leads to the environment that the token is at home in, else to the first it may see."""
    who = visit.principal
    places = visit.read(places_seen, who=who)
    if not places:
        return page("empty", who=who.name)
    return lead(address(who.home if who.home in places else places[0]))


def go(visit: Visit) -> Answer:
    """Leads to the environment that was chosen in a list. raises Missing"""
    project, _, environment = visit.asked("place", 600).partition("/")
    place = Place(project, environment)
    if place not in visit.read(places_seen):
        raise Missing("environment", str(place))
    return lead(address(place))


def ask(visit: Visit) -> Answer:
    return page("sign_in", wished=own_path(visit.asked("next", 2_000)), problem="")


def enter(visit: Visit) -> Answer:
    wished = own_path(visit.said("next"))
    try:
        session = visit.reception.admit(visit.said("token").strip())
    except Unknown:
        return page("sign_in", 403, wished=wished, problem=NO_TOKEN)
    return lead(wished, visit.keep(session))


def greet(visit: Visit) -> Answer:
    """Uses nothing up: mail programs and previews open links too. The button does."""
    wished = own_path(visit.asked("next", 2_000))
    return page("link", headers=(("X-Robots-Tag", "noindex"),), code=visit.path["code"], wished=wished)


def redeem(visit: Visit) -> Answer:
    try:
        session = visit.reception.redeem(visit.path["code"])
    except Unknown:
        return page("sign_in", 403, wished=HOME, problem=LINK_USED)
    return lead(own_path(visit.said("next")), visit.keep(session))


def leave(visit: Visit) -> Answer:
    return lead(f"{HOME}/sign-in", visit.keep("", 0))


def unknown(visit: Visit) -> Answer:
    """To the form, and back afterwards."""
    if visit.method == "POST" or visit.raw_path == HOME:
        return lead(f"{HOME}/sign-in")
    query = f"?{visit.query_string}" if visit.query_string else ""
    return lead(f"{HOME}/sign-in?next={quote(visit.raw_path + query, safe='')}")


def places_seen(world: World) -> tuple[Place, ...]:
    """Every environment that whoever signed in may see."""
    found = world.select(ENVIRONMENT, Query(INSTANCE, everywhere=True)).items
    return tuple(sorted(Place(each.project, each.key) for each in found))


def address(place: Place) -> str:
    """Where the experiments of an environment are listed."""
    return f"{_home(place)}/experiments"


def catalog_of(place: Place) -> str:
    """Where all there is in an environment is shown, whoever runs it."""
    return f"{_home(place)}/catalog"


def shown_at(place: Place, key: str = "") -> str:
    """Where the experiments of an environment are listed, or the one of this key is shown."""
    return f"{address(place)}/{quote(key, safe='')}" if key else address(place)


def connect_of(place: Place) -> str:
    """Where it is shown how clients are connected to an environment."""
    return f"{_home(place)}/connect"


def explain_of(place: Place) -> str:
    """Where a decision of an environment is explained."""
    return f"{_home(place)}/explain"


def sharing_of(place: Place) -> str:
    """Where the layers and holdouts of an environment are shown."""
    return f"{_home(place)}/sharing"


def _home(place: Place) -> str:
    project, environment = (quote(key, safe="") for key in (place.project, place.environment))
    return f"{HOME}/projects/{project}/environments/{environment}"
