"""LaunchDarkly's published SDKs for Node and for browsers, unmodified, driven from Python."""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.clients import node
from tests.flows.shop import BASE, SEMANTIC, ok
from tests.served import Server

FOLDER = "launchdarkly"
PROGRAM = Path(__file__).with_name("launchdarkly_node.cjs")
STOP_SECONDS_MAX = 10
BEGIN = """async ([id, context, options, hash]) => {
  const { createClient } = await import("/index.js");
  window.errors = [];
  const error = (...words) => window.errors.push(words.join(" "));
  const quiet = { debug() {}, info() {}, warn() {}, error };
  window.client = createClient(id, context, { logger: quiet, ...options });
  window.client.start({ identifyOptions: { hash: hash || undefined } });
  return (await window.client.waitForInitialization({ timeout: 20 })).status;
}"""


class NodeSdk:
    """One that runs in a process of its own."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def call(self, name: str, *arguments: Any) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"call": name, "with": arguments}) + "\n")
        self._process.stdin.flush()
        return self.heard()

    def heard(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the SDK ended: {self._process.wait()}"
        return json.loads(line)


@contextmanager
def node_sdk(server: Server, key: str, **options: Any) -> Iterator[NodeSdk]:
    """The SDK, once it is initialised."""
    binary, modules = node("@launchdarkly/node-server-sdk", FOLDER)
    command = [binary, str(PROGRAM), str(modules), server.url, key, json.dumps(options)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        sdk = NodeSdk(process)
        assert sdk.heard() == "ready"
        yield sdk
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class _Files(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def site() -> Iterator[str]:
    """A site that serves the browser's SDK as it was published, and an empty page: another origin than the
    server's."""
    _, modules = node("@launchdarkly/js-client-sdk", FOLDER)
    folder = modules / "@launchdarkly" / "js-client-sdk" / "dist"
    listener = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=str(folder)))
    thread = threading.Thread(target=listener.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.server_port}"
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()


class BrowserSdk:
    """One that runs in a page."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def call(self, name: str, *arguments: Any) -> Any:
        return self._page.evaluate(
            "async ([name, args]) => (await window.client[name](...args)) ?? null", [name, list(arguments)]
        )

    @property
    def errors(self) -> list[str]:
        """What the SDK complained of."""
        found: list[str] = self._page.evaluate("window.errors")
        return found


@contextmanager
def browser_sdk(
    browser: Browser, origin: str, server: Server, id: str, context: Any, hashed: str = "", **options: Any
) -> Iterator[BrowserSdk]:
    """The SDK in a page of that origin, once it is initialised.

    id      the client-side id
    hashed  what proves the context in secure mode
    """
    here = {"baseUri": server.url, "streamUri": server.url, "eventsUri": server.url}
    page = browser.new_page()
    try:
        page.goto(f"{origin}/metafile-esm.json")
        assert page.evaluate(BEGIN, [id, context, here | options, hashed]) == "complete"
        yield BrowserSdk(page)
    finally:
        page.close()


def environment(server: Server, key: str = "production") -> Any:
    return ok(server.client.get(f"{BASE}/projects/default/environments/{key}"))


def available_to_browsers(server: Server) -> None:
    """Flags that are made from now on."""
    said = {"usingEnvironmentId": True, "usingMobileKey": True}
    patch = [{"op": "replace", "path": "/defaultClientSideAvailability", "value": said}]
    ok(server.client.patch(f"{BASE}/projects/default", json=patch))


def turn(server: Server, on: bool, flag: str = "checkout", place: str = "production") -> None:
    kind = "turnFlagOn" if on else "turnFlagOff"
    body = {"environmentKey": place, "instructions": [{"kind": kind}]}
    ok(server.client.patch(f"{BASE}/flags/default/{flag}", json=body, headers=SEMANTIC))
