"""The pages in this process: no socket, and a browser that keeps its cookie."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from secrets import token_bytes
from typing import Any

import httpx

from equipoise.analysis.results import Call, Results
from equipoise.application.ports import Store
from equipoise.application.queries import Library
from equipoise.application.sign_in import Reception
from equipoise.domain.errors import DomainError
from equipoise.domain.identity import Place
from equipoise.security.principals import Principal
from equipoise.security.vault import Vault
from equipoise.server import abroad_here
from equipoise.web import Pages
from tests.fakes import FakeClock
from tests.web.some_results import some_results

ORIGIN = "http://pages.test"
HERE = "/ui/projects/default/environments/production/experiments"


class FakeReports:
    """Gives what it was told to give, and knows who asked."""

    def __init__(self) -> None:
        self.given: Results | DomainError = some_results(Call.BETTER)
        self.asked: list[tuple[Principal, Place, str]] = []

    def __call__(self, principal: Principal, place: Place, key: str) -> Results:
        self.asked.append((principal, place, key))
        if isinstance(self.given, DomainError):
            raise self.given
        return self.given


class House:
    """Pages over a store, and what a test does to it."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock, self.reports = store, FakeClock(), FakeReports()
        self.vault = Vault("a secret key that is long enough for all", token_bytes)
        self.reception = Reception(store, self.clock, token_bytes, self.vault)
        library = Library(store, self.clock, token_bytes, self.vault)
        self.threads = ThreadPoolExecutor(2)
        self.counted: list[tuple[str, str, str, int]] = []
        self.app = Pages(
            library,
            self.reception,
            self.reports,
            self.threads,
            self._observe,
            clients=abroad_here().clients,
        )

    def _observe(self, dialect: str, operation: str, method: str, status: int, seconds: float) -> None:
        assert seconds >= 0
        self.counted.append((dialect, operation, method, status))

    def browser(self, secret: str | None = None) -> "Browser":
        """A browser, signed in with an API token if one is named."""
        browser = Browser(self.app)
        if secret is not None:
            said = browser.post("/ui/sign-in", token=secret)
            assert said.status_code == 303, said.text
        return browser


class Browser:
    """Asks for pages and follows nothing by itself. It sends what browsers send with a form."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.cookies = httpx.Cookies()

    def get(self, path: str, **headers: str) -> httpx.Response:
        return asyncio.run(self._send("GET", path, None, headers))

    def head(self, path: str, **headers: str) -> httpx.Response:
        return asyncio.run(self._send("HEAD", path, None, headers))

    def post(self, path: str, /, headers: dict[str, str] | None = None, **form: str) -> httpx.Response:
        said = {"Origin": ORIGIN} if headers is None else headers
        return asyncio.run(self._send("POST", path, form, said))

    async def _send(
        self, method: str, path: str, form: dict[str, str] | None, headers: dict[str, str]
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, cookies=self.cookies) as client:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            answer = await client.request(method, path, data=form, headers=named)
        self.cookies = client.cookies
        return answer
