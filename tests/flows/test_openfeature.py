"""OpenFeature's published providers, unmodified: for Python, for Node, for browsers."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import Reason

from equipoise.application.lake import Kind
from tests.chromium import launched
from tests.clients import node, run
from tests.flows.events import dead, rows, start_experiment
from tests.flows.events import eventually as there_are
from tests.flows.shop import BASE, SEMANTIC, make_flag, ok
from tests.flows.test_sdk_delivery import eventually, sdk_key, turn
from tests.served import Place, Server, serving

PROGRAM, PAGE = (Path(__file__).with_name(name) for name in ("openfeature.mjs", "openfeature.js"))
UNITS = 30
LAYOUT = {"columns": 2, "wide": True}
FLAGS: dict[str, tuple[Any, ...]] = {
    "switch": (True, False),
    "colour": ("blue", "red"),
    "count": (3, 4),
    "price": (2, 1.5),
    "layout": (LAYOUT, {}),
    "a.b_c-d": (True, False),
}
GOLD = {"plan": "gold"}


def furnish(server: Server) -> None:
    """A flag of each type, on; an experiment that runs on another."""
    for key, values in FLAGS.items():
        variations = [{"value": value, "name": f"{key}-{at}"} for at, value in enumerate(values)]
        body = {"key": key, "name": key, "variations": variations}
        ok(server.client.post(f"{BASE}/flags/default", json=body))
        on = {"environmentKey": "production", "instructions": [{"kind": "turnFlagOn"}]}
        ok(server.client.patch(f"{BASE}/flags/default/{key}", json=on, headers=SEMANTIC))
    start_experiment(server)


@contextmanager
def provider(server: Server, key: str) -> Iterator[Any]:
    """A client of the provider for Python."""
    made = OFREPProvider(server.url, headers_factory=lambda: {"Authorization": f"Bearer {key}"}, timeout=30)
    api.set_provider(made, "shop")
    try:
        yield api.get_client("shop")
    finally:
        api.clear_providers()


def unit(number: int) -> EvaluationContext:
    return EvaluationContext(f"unit-{number}", GOLD)


def test_the_provider_for_python_is_answered_whatever_it_asks_for(place: Place) -> None:
    with serving(place) as server:
        furnish(server)
        key, port = sdk_key(server), int(server.url.rsplit(":", 1)[1])
        with provider(server, key) as client:
            check_types(client)
            check_failures(client)
            arms = {number: arm_of(client, number) for number in range(UNITS)}
            for number in range(UNITS):
                assert arm_of(client, number) == arms[number]
            turn(server, on=False, flag="switch")
            eventually(lambda: client.get_boolean_value("switch", True, unit(1)) is False)
        there_are(lambda: rows(place, Kind.EXPOSURE), UNITS)
        server.stop()
        found = rows(place, Kind.EXPOSURE)
    with serving(place, port=port) as server, provider(server, key) as client:
        assert client.get_boolean_value("switch", True, unit(1)) is False
        assert [arm_of(client, number) for number in range(3)] == [arms[number] for number in range(3)]
        with provider(server, "sdk-nobody") as stranger:
            assert stranger.get_string_details("colour", "none", unit(1)).error_message == "unauthorized"
    assert Counter(row["unit"] for row in found) == {f"unit-{number}": 1 for number in range(UNITS)}
    assert {row["attributes"] for row in found} == {'{"user":{"plan":"gold"}}'}
    assert {(row["unit"], row["variation"]) for row in found} == {
        (f"unit-{number}", at) for number, (_, at) in arms.items()
    }
    assert dead(place) == {}


def arm_of(client: Any, number: int) -> tuple[bool, int]:
    """What the unit was shown, and the index of it."""
    said = client.get_boolean_details("checkout", False, unit(number))
    assert said.reason == Reason.SPLIT
    assert said.flag_metadata["inExperiment"] is True
    return said.value, said.flag_metadata["variation"]


def check_types(client: Any) -> None:
    for key, ask, default in (
        ("switch", client.get_boolean_details, False),
        ("colour", client.get_string_details, "none"),
        ("count", client.get_integer_details, 0),
        ("price", client.get_float_details, 0.0),
        ("layout", client.get_object_details, {}),
    ):
        said = ask(key, default, unit(1))
        assert (said.value, said.variant, said.reason) == (FLAGS[key][0], f"{key}-0", Reason.STATIC), said
        assert said.error_code is None
        assert type(said.value) is type(default)


def check_failures(client: Any) -> None:
    missing = client.get_boolean_details("nothing", True, unit(1))
    assert (missing.value, missing.error_code) == (True, ErrorCode.FLAG_NOT_FOUND)
    nobody = client.get_boolean_details("switch", True)
    assert (nobody.value, nobody.error_code) == (True, ErrorCode.TARGETING_KEY_MISSING)
    other = client.get_string_details("switch", "none", unit(1))
    assert (other.value, other.error_code) == ("none", ErrorCode.TYPE_MISMATCH)
    context = EvaluationContext("unit-1", {"kind": "a b"})
    assert client.get_boolean_details("switch", True, context).error_code == ErrorCode.INVALID_CONTEXT


def test_the_provider_for_node_is_answered_whatever_it_asks_for(place: Place) -> None:
    binary, modules = node("@openfeature/ofrep-provider", "openfeature")
    with serving(place) as server:
        furnish(server)
        told = json.loads(run([binary, str(PROGRAM), str(modules), server.url, sdk_key(server), "unit-1"]))
        (exposure,) = there_are(lambda: rows(place, Kind.EXPOSURE), 1)
    arm = told.pop("arm")
    assert (arm["reason"], arm["flagMetadata"]["inExperiment"]) == ("SPLIT", True)
    told["a.b_c-d"] = told.pop("named")
    assert {key: said["value"] for key, said in told.items()} == {key: FLAGS[key][0] for key in FLAGS}
    assert {(said["reason"], said["variant"]) for said in told.values()} == {
        ("STATIC", f"{key}-0") for key in FLAGS
    }
    assert (exposure["unit"], exposure["variation"]) == ("unit-1", arm["flagMetadata"]["variation"])


@pytest.fixture
def alone(tmp_path: Path) -> Place:
    return Place(tmp_path / "data")


def test_the_provider_for_browsers_is_told_of_each_change_and_says_what_was_seen(alone: Place) -> None:
    _, modules = node("@openfeature/ofrep-web-provider", "openfeature")
    with serving(alone) as server, launched() as browser, ExitStack() as stack:
        start_experiment(server)
        make_flag(server.client, "hidden")
        show = {"op": "replace", "path": "/clientSideAvailability/usingEnvironmentId", "value": True}
        ok(server.client.patch(f"{BASE}/flags/default/checkout", json=[show]))
        id = ok(server.client.get(f"{BASE}/projects/default/environments/production"))["_id"]
        page = browser.new_page()
        page.goto(stack.enter_context(shop(modules, {"url": server.url, "id": id, "unit": "unit-1"})))
        page.wait_for_function("window.ready")
        said = page.evaluate("look('checkout')")
        assert (said["reason"], said["flagMetadata"]["inExperiment"]) == ("SPLIT", True)
        assert page.evaluate("look('hidden')")["errorCode"] == "FLAG_NOT_FOUND"
        shown = {"flag": "checkout", **said["flagMetadata"]}
        assert page.evaluate("event => track(event)", {"exposure": shown}) == 202
        assert page.evaluate("event => track(event)", {"name": "purchase", "value": 9.5}) == 202
        show["value"] = False
        ok(server.client.patch(f"{BASE}/flags/default/checkout", json=[show]))
        page.wait_for_function("look('checkout').errorCode === 'FLAG_NOT_FOUND'")
        assert page.evaluate("told.changes") >= 1
        (exposure,) = there_are(lambda: rows(alone, Kind.EXPOSURE), 1)
        (outcome,) = there_are(lambda: rows(alone, Kind.OUTCOME), 1)
    assert (exposure["unit"], exposure["variation"]) == ("unit-1", said["flagMetadata"]["variation"])
    assert (outcome["unit"], outcome["event"], outcome["value"]) == ("unit-1", "purchase", 9.5)


_OURS = "@openfeature"
MODULES = {
    f"{_OURS}/core": f"{_OURS}/core/dist/esm/index.js",
    f"{_OURS}/web-sdk": f"{_OURS}/web-sdk/dist/esm/index.js",
    f"{_OURS}/ofrep-web-provider": f"{_OURS}/ofrep-web-provider/index.esm.js",
    f"{_OURS}/ofrep-core": f"{_OURS}/ofrep-web-provider/node_modules/{_OURS}/ofrep-core/index.esm.js",
    "tslib": "tslib/tslib.es6.mjs",
}


@contextmanager
def shop(modules: Path, said: dict[str, str]) -> Iterator[str]:
    """The address of a page, which loads the provider as it was published."""
    imports = json.dumps({"imports": {name: f"/{file}" for name, file in MODULES.items()}})
    html = (
        f'<script>window.shop = {json.dumps(said)}</script><script type="importmap">{imports}</script>'
        '<script type="module" src="/page.js"></script>'
    )
    pages = {"/": ("text/html", html), "/page.js": ("text/javascript", PAGE.read_text())}

    class Shop(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path not in pages:
                super().do_GET()
                return
            kind, text = pages[self.path]
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), partial(Shop, directory=str(modules)))
    serving_it = Thread(target=listening.serve_forever)
    serving_it.start()
    try:
        yield f"http://127.0.0.1:{listening.server_port}/"
    finally:
        listening.shutdown()
        serving_it.join()
        listening.server_close()
