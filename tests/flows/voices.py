"""Those who answer what flags serve: LaunchDarkly's SDKs for Python and for Node, our own SDK, and OFREP."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from typing import Any

import httpx
import ldclient
from ldclient.config import Config
from msgspec import Struct

from equipoise.domain.clauses import Json
from equipoise.evaluation.decision import Decision
from equipoise.sdk import Client
from tests.evaluation.answers import alike, reason_document
from tests.flows.events import sdk_key
from tests.flows.launchdarkly_sdks import NodeSdk, node_sdk
from tests.served import Server

START_SECONDS_MAX = 20
MALFORMED = {"kind": "ERROR", "errorKind": "MALFORMED_FLAG"}
EVALUATE = "/ofrep/v1/evaluate/flags"

Document = dict[str, Any]


@contextmanager
def python_sdk(server: Server, stream: bool) -> Iterator[Any]:
    options: Any = dict.fromkeys(("base_uri", "stream_uri", "events_uri"), server.url)
    config = Config(sdk_key(server), **options, stream=stream, send_events=False)
    client: Any = ldclient.LDClient(config, start_wait=START_SECONDS_MAX)
    try:
        assert client.is_initialized()
        yield client
    finally:
        client.close()


class Voices(Struct):
    python: Any
    node: NodeSdk
    own: Client
    ofrep: httpx.Client

    def decisions(self, documents: Sequence[Document]) -> list[dict[str, Decision]]:
        """What our own SDK says of every flag; the others are held to it."""
        return [self.own.all(document) for document in documents]

    def hold_python(
        self, documents: Sequence[Document], flags: Sequence[str], ours: Sequence[dict[str, Decision]]
    ) -> None:
        """To these flags alone: it is slow."""
        ask, read = self.python.variation_detail, ldclient.Context.from_dict
        for document, expected in zip(documents, ours, strict=True):
            context = read(document)
            for key in flags:
                said, mine = ask(key, context, None), expected[key]
                where = (key, document, mine, said)
                assert alike((said.value, said.variation_index), (mine.value, mine.variation)), where
                assert said.reason == reason_document(mine.reason), where

    def hold_node(self, documents: Sequence[Document], ours: Sequence[dict[str, Decision]]) -> None:
        """Where a flag that is needed first makes no sense, it gives up, and Python goes on."""
        flags, needed = list(ours[0]), self._needed()
        everything = self.node.call("details", flags, documents)
        for document, expected, answers in zip(documents, ours, everything, strict=True):
            broken = {key for key, mine in expected.items() if mine.reason.error is not None}
            for key, (value, index, reason) in zip(flags, answers, strict=True):
                mine = expected[key]
                where = (key, document, mine, value, index, reason)
                if reason == MALFORMED and needed[key] & broken:
                    continue
                assert (index, reason) == (mine.variation, reason_document(mine.reason)), where
                assert same(value, mine.value), where

    def _needed(self) -> dict[str, set[str]]:
        """Flag → all that are needed before it, themselves or by way of others."""
        flags = self.own.ruleset.flags
        found = {key: {each.flag for each in flag.prerequisites} for key, flag in flags.items()}
        for _ in flags:
            for needs in found.values():
                needs.update(*(found.get(key, ()) for key in tuple(needs)))
        return found

    def hold_ofrep(self, documents: Sequence[Document], ours: Sequence[dict[str, Decision]]) -> None:
        """All flags at once, and one by itself. No key has a NUL there."""
        for at, (document, expected) in enumerate(zip(documents, ours, strict=True)):
            body = {"context": targeted(document)}
            everything = self._ask(EVALUATE, body)
            if "\\u0000" in json.dumps(document):
                assert everything["errorCode"] == "PARSE_ERROR"
                continue
            answers = {said["key"]: said for said in everything["flags"]}
            assert answers.keys() == expected.keys()
            for key, said in answers.items():
                _hold(said, expected[key], (key, document))
            alone = list(expected)[at % len(expected)]
            _hold(self._ask(f"{EVALUATE}/{alone}", body), expected[alone], (alone, document))

    def _ask(self, path: str, body: Document) -> Any:
        answer = self.ofrep.post(path, json=body)
        assert answer.status_code in (HTTPStatus.OK, HTTPStatus.BAD_REQUEST), (answer.text, body)
        return answer.json()

    def refuse(self, document: Document, flags: Sequence[str]) -> None:
        """It is no context to any of them: no flag serves it."""
        for key in flags:
            refused = {"kind": "ERROR", "errorKind": "USER_NOT_SPECIFIED"}
            said = self.python.variation_detail(key, ldclient.Context.from_dict(document), None)
            assert (said.variation_index, said.reason) == (None, refused)
            ours = self.own.detail(key, document)
            assert (ours.variation, reason_document(ours.reason)) == (None, refused)
            assert self.node.call("details", [key], [document]) == [[[None, None, refused]]]
        assert self._ask(EVALUATE, {"context": targeted(document)})["errorCode"] == "TARGETING_KEY_MISSING"


@contextmanager
def voices(server: Server, stream: bool) -> Iterator[Voices]:
    """All of them, initialised. None sends events but OFREP, to which being asked for one flag is one."""
    key = sdk_key(server)
    with ExitStack() as stack:
        python = stack.enter_context(python_sdk(server, stream))
        node = stack.enter_context(node_sdk(server, key, sendEvents=False, stream=stream))
        own = stack.enter_context(Client(key, server.url, stream=stream))
        assert own.status.ready, own.status
        headers = {"Authorization": f"Bearer {key}"}
        ofrep = stack.enter_context(httpx.Client(base_url=server.url, headers=headers, timeout=30))
        yield Voices(python, node, own, ofrep)


def targeted(document: Document) -> Document:
    """The same context as OpenFeature has it."""
    if document["kind"] == "multi":
        return {
            name: {"targetingKey" if inner == "key" else inner: value for inner, value in part.items()}
            if isinstance(part, dict)
            else part
            for name, part in document.items()
        }
    return {"targetingKey" if name == "key" else name: value for name, value in document.items()}


def _hold(said: Document, mine: Decision, where: Any) -> None:
    """OFREP names a variation, and says what an exposure is reported by."""
    if "errorCode" in said:
        assert (said["errorCode"], mine.reason.kind) == ("GENERAL", "ERROR"), (where, said, mine)
        return
    about = said["metadata"]
    index = int(said["variant"].rpartition(".")[2]) if said["variant"] else None
    assert mine.reason.kind != "ERROR", (where, said, mine)
    assert (index, about["version"]) == (mine.variation, mine.version), (where, said, mine)
    assert about.get("inExperiment", False) is mine.reason.in_experiment, (where, said, mine)
    assert not mine.reason.in_experiment or about["rule"] == mine.reason.rule, (where, said, mine)
    assert same(said.get("value"), mine.value), (where, said, mine)


def same(left: Json, right: Json) -> bool:
    """One JSON value, of which 2 and 2.0 are two spellings; true is no number."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[name], right[name]) for name in left)
    return bool(left == right)
