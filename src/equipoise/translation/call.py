"""One request on its way to the desk, and its answer on the way back."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qs

from msgspec import Struct
from msgspec.structs import replace

from equipoise.analysis.results import Results
from equipoise.application.answers import Answer
from equipoise.application.changes import Desk
from equipoise.application.intents import Intent
from equipoise.application.ports import AsOf
from equipoise.application.queries import Library, ReadRequest
from equipoise.application.requests import Answering, ChangeRequest, Idempotency, Precondition, Target
from equipoise.application.results import ResultsDesk, Wanted
from equipoise.application.world import World
from equipoise.domain.errors import Invalid, Refused, Violation, check
from equipoise.domain.identity import INSTANCE, Id, Place
from equipoise.domain.limits import CONFIG_STORE_BYTES_MAX, IDEMPOTENCY_KEY_LENGTH_MAX
from equipoise.security.principals import Principal
from equipoise.translation.abroad import Abroad
from equipoise.translation.decode import decode, parse, readable
from equipoise.translation.errors import Unreadable
from equipoise.translation.routes import Route

if TYPE_CHECKING:
    from equipoise.translation.dialect import Dialect

_WHOLE = re.compile("-?[0-9]{1,18}")

R = TypeVar("R")
T = TypeVar("T")


def unshown(place: Place, key: str) -> str:
    """Where there are no pages."""
    return ""


class Call(Struct, frozen=True):
    """A request that found its route. Header names are lower case.

    path     path parameters, decoded
    request  id of the request, for the log
    url      where others reach this server, without a slash at the end
    pages    where, below that, an environment's experiments are shown, or the one of a key
    abroad   how other surfaces spell what is shown
    """

    dialect: "Dialect"
    route: Route
    path: Mapping[str, str]
    raw_target: bytes
    query_string: str
    headers: Mapping[str, str]
    body: bytes
    request: str
    desk: Desk
    library: Library
    reports: ResultsDesk | None = None
    url: str = ""
    config_store_bytes_max: int = CONFIG_STORE_BYTES_MAX
    abroad: Abroad = Abroad()
    pages: Callable[[Place, str], str] = unshown

    # what was said

    def document(self, kind: type[T]) -> T:
        """The body as a typed document. raises Unreadable, Invalid"""
        return decode(self.body, kind)

    def json(self) -> Any:
        """The body as JSON. raises Unreadable"""
        return parse(self.body)

    def query(self) -> dict[str, list[str]]:
        """Query parameters, decoded; a name may stand several times. raises Unreadable"""
        if not self.query_string:
            return {}
        try:
            parsed = parse_qs(self.query_string, keep_blank_values=True, errors="strict")
        except (UnicodeDecodeError, ValueError):
            raise Unreadable("the query is not UTF-8") from None
        if any("\0" in text for name, values in parsed.items() for text in (name, *values)):
            raise Unreadable("the query holds a NUL character")
        return parsed

    def asked(self, name: str, default: str = "") -> str:
        """The first value of a query parameter."""
        return self.query().get(name, [default])[0]

    def listed(self, name: str) -> tuple[str, ...]:
        """A query parameter that is a comma list, split after decoding; may also stand several times."""
        values = self.query().get(name, [])
        return tuple(part.strip() for value in values for part in value.split(",") if part.strip())

    def number(self, name: str, default: int, most: int, least: int = 0) -> int:
        """A whole number from the query, cut to `most`. raises Invalid"""
        text = self.asked(name, str(default))
        if not _WHOLE.fullmatch(text) or int(text) < least:
            raise Invalid(Violation(name, f"must be a whole number, {least} or more", text))
        return min(int(text), most)

    def flag(self, name: str) -> bool:
        """A boolean from the query; absent is false. raises Invalid"""
        text = self.asked(name).lower()
        if text not in ("", "true", "false", "1", "0"):
            raise Invalid(Violation(name, "must be true or false", text))
        return text in ("true", "1")

    def page(self, place: Place, key: str = "") -> str:
        """The address of the page of an environment's experiments, or of the one of this key."""
        return self.url + self.pages(place, key)

    @property
    def credential(self) -> str:
        return self.dialect.credential(self.headers)

    # what is asked of the desk

    def read(
        self,
        answer: Callable[[World], Answer],
        place: Place = INSTANCE,
        about: Id = "",
        who: Principal | None = None,
    ) -> Answer:
        """Answers from the store, now or `?asOf=`, to `who` if that is known already. raises DomainError"""
        request = ReadRequest(who or self.credential, self.route.act, place, self._as_of(), about)
        return self.library.read(request, answer)

    def results(self, wanted: Wanted, place: Place) -> Results:
        """What an experiment has shown, now or `?asOf=`. raises DomainError"""
        if self.reports is None:
            raise Refused("show results", "this server", "has no warehouse to ask")
        request = ReadRequest(self.credential, self.route.act, place, self._as_of())
        return self.reports.compute(request, wanted)

    def change(
        self,
        intent: Intent[R],
        answer: Answering[R],
        place: Place = INSTANCE,
        target: Target | None = None,
        comment: str = "",
        about: Id = "",
        who: Principal | None = None,
    ) -> Answer:
        """Puts an intent before the desk, with dry run, precondition and idempotency as the request has them.

        target  what If-Match speaks of
        who     asks, where that is not the bearer of the credential
        raises  DomainError
        """
        if self.route.body is None:
            readable(self.body)
        dry = self._dry_run()
        request: ChangeRequest[R] = ChangeRequest(
            credential=who or self.credential,
            act=self.route.act,
            place=place,
            intent=intent,
            surface=self.dialect.name,
            refuse=self.dialect.refuse,
            about=about,
            target=target,
            precondition=self._precondition(),
            idempotency=self._idempotency(),
            dry_run=dry,
            comment=comment,
            request=self.request,
        )
        return self.desk.change(request, previewed(answer) if dry else answer)

    def _dry_run(self) -> bool:
        """In another spelling it would be ignored, and the write be made. raises Invalid"""
        misspelt = [
            name for name in self.query() if name != "dryRun" and name.lower() in ("dryrun", "dry_run")
        ]
        check(*(Violation(name, "is spelled dryRun") for name in misspelt))
        return self.flag("dryRun")

    def _as_of(self) -> AsOf | None:
        text = self.asked("asOf")
        if not text:
            return None
        if text.isascii() and text.isdigit() and len(text) < 16:
            return AsOf(number=int(text))
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            rule = "must be a number of the change log or an ISO 8601 time with its offset"
            raise Invalid(Violation("asOf", rule, text)) from None
        if at.tzinfo is None:
            raise Invalid(Violation("asOf", "a time needs its offset, such as Z", text))
        return AsOf(at=int(at.timestamp() * 1000))

    def _precondition(self) -> Precondition | None:
        said = self.headers.get("if-match")
        if said is None:
            return None
        if said.strip() == "*":
            return Precondition(None)
        return Precondition(tuple(revisions_in(said, self.dialect.name)))

    def _idempotency(self) -> Idempotency | None:
        key = self.headers.get("idempotency-key")
        if key is None:
            return None
        if not key.strip() or len(key) > IDEMPOTENCY_KEY_LENGTH_MAX:
            rule = f"must be 1 to {IDEMPOTENCY_KEY_LENGTH_MAX} characters"
            raise Invalid(Violation("Idempotency-Key", rule))
        asked = b"\n".join(
            (
                self.route.method.encode(),
                self.raw_target,
                self.headers.get("content-type", "").encode(),
                self.body,
            )
        )
        return Idempotency(self.dialect.name, key, sha256(asked).hexdigest())


def previewed(answer: Answering[R]) -> Answering[R]:
    """The answer to a dry run; where it has no body, a summary of what would be stands in a header."""

    def answered(world: World, result: R) -> Answer:
        said = answer(world, result)
        if said.body:
            return said
        summary = "; ".join(
            f"{outcome.called}: " + ", ".join(type(event).__name__ for event in outcome.events)
            for outcome in world.outcomes[:10]
        )
        shown = "".join(each if each.isprintable() else "?" for each in summary)  # it stands in a header
        return replace(said, headers=(*said.headers, ("X-Equipoise-Preview", shown or "no change")))

    return answered


def etag(dialect: str, answer: Answer) -> str:
    """A tag of the representation; the revision in it is what If-Match compares."""
    revision = "" if answer.revision is None else str(answer.revision)
    return f'"{dialect}-{revision}-{sha256(answer.body).hexdigest()[:16]}"'


def revisions_in(header: str, dialect: str) -> list[int]:
    """The revisions that an If-Match names for this surface; tags of others match nothing."""
    found = []
    for tag in header.split(","):
        parts = tag.strip().removeprefix("W/").strip('"').split("-")
        if len(parts) == 3 and parts[0] == dialect and _WHOLE.fullmatch(parts[1]):
            found.append(int(parts[1]))
    return found
