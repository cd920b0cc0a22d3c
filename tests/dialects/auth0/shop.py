"""A tenant to experiment in, with words for what these tests do over and over."""

from typing import Any

import httpx
from msgspec import Struct

from equipoise.application.ports import Query
from equipoise.domain.change import Noun
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.state import Experiment
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.state import Flag
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.segment import SEGMENT
from equipoise.domain.segment.state import Segment
from equipoise.domain.snapshot import Snapshot, snapshot
from equipoise.evaluation.compile import compile
from tests.conformance.requests.auth0 import conforms
from tests.evaluation.answers import Both
from tests.fixtures_surface import SEMANTIC, Surface

API = "/api/v2/experimentation"
EXPERIMENTS, FLAGS, SEGMENTS = f"{API}/experiments", f"{API}/feature-flags", f"{API}/segments"
LD_FLAGS = "/api/v2/flags/default"
LD_EXPERIMENTS = "/api/v2/projects/default/environments/production/experiments"
HERE, ELSEWHERE = Place("default", "production"), Place("default", "test")
STEPS = {"type": "number", "value": 4, "description": "How many there are"}
TITLE = {"type": "string", "value": "Buy"}
FEWER = {"steps": {"value": 1}}
RULES = [{"match": {"country": ["DE"]}}]


class Offer(Struct, frozen=True):
    """A feature flag by the ids of it and of its first two variations."""

    flag: str
    control: str
    treatment: str

    @property
    def path(self) -> str:
        return f"{FLAGS}/{self.flag}"


class Shop:
    """Requests come from `home`, a writer at home in HERE. Each comes a second after the one before."""

    def __init__(self, surface: Surface) -> None:
        self.surface = surface
        surface.tokens["home"] = surface.token("writer", home=HERE)
        surface.tokens["guest"] = surface.token("reader", home=HERE)
        surface.tokens["elsewhere"] = surface.token("writer", home=ELSEWHERE)

    # requests

    def ask(
        self, method: str, path: str, body: Any = None, token: str | None = "home", **said: Any
    ) -> httpx.Response:
        self.surface.clock.pass_ms(1_000)
        return self.surface.call(method, path, json=body, token=token, **said)

    def told(self, method: str, path: str, body: Any = None, status: int = 200, **said: Any) -> Any:
        """The document of an answer that has this status, held to the contract."""
        response = self.ask(method, path, body, **said)
        assert response.status_code == status, response.text
        return conforms(response, "")

    def get(self, path: str, **params: str) -> Any:
        return self.told("GET", path, params=params)

    def made(self, path: str, body: Any, **said: Any) -> Any:
        return self.told("POST", path, body, 201, **said)

    def patch(self, path: str, **body: Any) -> Any:
        return self.told("PATCH", path, body)

    def refused(
        self, method: str, path: str, body: Any = None, status: int = 400, code: str = "", **said: Any
    ) -> str:
        """The message of a refusal, which changed nothing."""
        before = self.everything()
        response = self.ask(method, path, body, **said)
        assert response.status_code == status, response.text
        document = conforms(response, "")
        assert code in ("", document["errorCode"]), document
        assert self.everything() == before, "a refusal changes nothing"
        message: str = document["message"]
        return message

    def speak(self, method: str, path: str, body: Any = None, **said: Any) -> Any:
        """The same through LaunchDarkly's surface, as an admin of the instance."""
        self.surface.clock.pass_ms(1_000)
        response = self.surface.call(method, path, json=body, **said)
        assert response.is_success, response.text
        return response.json() if response.content else None

    def instruct(self, path: str, *instructions: Any) -> Any:
        """A patch of LaunchDarkly's instructions about the environment."""
        body = {"environmentKey": HERE.environment, "instructions": list(instructions)}
        return self.speak("PATCH", path, body, headers=SEMANTIC)

    # what stands around

    def flag(self, name: str = "Checkout", active: bool = True, **fields: Any) -> Offer:
        flag = self.made(FLAGS, a_flag(name, **fields))["id"]
        control, treatment = (
            self.made(f"{FLAGS}/{flag}/variations", {"name": called, "overrides": said})["id"]
            for called, said in (("Control", {}), ("Fewer", FEWER))
        )
        if active:
            self.patch(f"{FLAGS}/{flag}", status="active")
        return Offer(flag, control, treatment)

    def variation(self, offer: Offer, name: str, **overrides: Any) -> Any:
        said = {key: {"value": value} for key, value in overrides.items()}
        return self.made(f"{offer.path}/variations", {"name": name, "overrides": said})

    def segment(self, name: str = "Germans", rules: Any = RULES) -> str:
        id: str = self.made(SEGMENTS, {"name": name, "rules": rules})["id"]
        return id

    def experiment(self, offer: Offer, name: str = "New checkout", **fields: Any) -> str:
        """The path of a draft, or of one that runs, if `status` says so."""
        status = fields.pop("status", None)
        path = f"{EXPERIMENTS}/{self.made(EXPERIMENTS, an_experiment(offer, name, **fields))['id']}"
        if status:
            self.patch(path, status=status)
        return path

    def in_status(self, offer: Offer, status: str, name: str = "New checkout", **fields: Any) -> str:
        """The path of an experiment that went the way to this status."""
        path = self.experiment(offer, name, **fields)
        for step in WAYS[status]:
            self.patch(path, status=step)
        return path

    # what is served

    def snapshot(self) -> Snapshot:
        """What the environment serves."""
        with self.surface.store.read() as reader:
            environment = reader.named(ENVIRONMENT, Place(HERE.project), HERE.environment)
            flags = reader.select(FLAG, Query(Place(HERE.project))).items
            experiments = reader.select(EXPERIMENT, Query(HERE)).items
        assert environment is not None
        return snapshot(environment, 1, flags, {}, experiments)

    def served(self) -> Both:
        """The same as SDKs evaluate it."""
        return Both(compile(self.snapshot()))

    # what is stored

    def everything(self) -> Any:
        """States with their revisions, and the numbers of the log."""
        with self.surface.store.read() as reader:
            nouns: tuple[Noun[Any], ...] = (EXPERIMENT, FLAG, SEGMENT)
            everywhere = Query(INSTANCE, everywhere=True)
            return [reader.select(noun, everywhere).items for noun in nouns], reader.numbers()

    def stored(self, noun: Noun[Any], name: str) -> Any:
        with self.surface.store.read() as reader:
            found = reader.select(noun, Query(INSTANCE, everywhere=True)).items
        (only,) = (each for each in found if each.name == name)
        return only

    def stored_experiment(self, name: str = "New checkout") -> Experiment:
        found: Experiment = self.stored(EXPERIMENT, name)
        return found

    def stored_flag(self, name: str = "Checkout") -> Flag:
        found: Flag = self.stored(FLAG, name)
        return found

    def stored_segment(self, name: str = "Germans") -> Segment:
        found: Segment = self.stored(SEGMENT, name)
        return found


WAYS = {  # to each status from a draft
    "draft": (),
    "active": ("active",),
    "paused": ("active", "paused"),
    "completed": ("active", "completed"),
    "archived": ("archived",),
}


def a_flag(name: str = "Checkout", **fields: Any) -> dict[str, Any]:
    return said({"name": name, "parameters": {"steps": STEPS, "title": TITLE}} | fields)


def an_experiment(offer: Offer, name: str = "New checkout", **fields: Any) -> dict[str, Any]:
    """Halves of control and treatment on a flow; `...` leaves a field out."""
    whole = {
        "name": name,
        "feature_flag_id": offer.flag,
        "authentication_flow": "authentication",
        "allocations": weighted(offer, 50),
    }
    return said(whole | fields)


def weighted(offer: Offer, treatment: int, control: int | None = None) -> list[dict[str, Any]]:
    rest = 100 - treatment if control is None else control
    return [
        {"variation_id": offer.control, "is_control": True, "weight": rest},
        {"variation_id": offer.treatment, "is_control": False, "weight": treatment},
    ]


def bare(offer: Offer) -> list[dict[str, Any]]:
    """A control and a treatment, as a ramp has them."""
    return [
        {"variation_id": offer.control, "is_control": True},
        {"variation_id": offer.treatment, "is_control": False},
    ]


def placed(offer: Offer, segment: str, priority: int = 1) -> list[dict[str, Any]]:
    """The treatment for a segment, the control for everybody else."""
    inside = {"segment_id": segment, "priority": priority}
    return [
        {"variation_id": offer.control, "is_control": True, "is_fallback": True},
        {"variation_id": offer.treatment, "is_control": False} | inside,
    ]


def by_segment(offer: Offer, segment: str, name: str = "By segment", **fields: Any) -> dict[str, Any]:
    placement = {"allocation_strategy": "segment", "allocations": placed(offer, segment)}
    return an_experiment(offer, name, **(placement | fields))


def said(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not ...}
