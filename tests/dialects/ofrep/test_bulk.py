"""All flags at once: what changed and what did not, and the stream that says so."""

import json
from typing import Any

import jsonschema_rs
import pytest
from msgspec.structs import replace

from equipoise.application.serving import Key, Update
from equipoise.dialects.ofrep import contexts, doors
from equipoise.dialects.ofrep.doors import AT_ONCE_MAX, NOTICES, notice
from equipoise.domain.flag.state import Prerequisite, Rollout, Variation
from tests.contracts.ofrep import CONTRACT
from tests.dialects.ofrep.room import ANNA, DOORS, Room, in_experiment, live_of, said, served
from tests.domain.builders import ID, OFF, ON, a_targeting
from tests.fakes.feed import SDK_KEY
from tests.translation.visitor import visit_at_once

FLAGS = (
    served(key="a"),
    served(key="b", targeting=a_targeting(fallthrough=Rollout(()))),
    in_experiment(key="c", client_side=True),
    served(key="d", mobile=False),
)


def test_every_flag_is_answered_those_that_make_no_sense_too() -> None:
    room = Room(*FLAGS)
    found = {each["key"]: each.get("errorCode", each.get("reason")) for each in said(room.all())["flags"]}
    assert found == {"a": "STATIC", "b": "GENERAL", "c": "SPLIT", "d": "STATIC"}
    assert room.records() == [], "nobody has seen any yet"


def test_each_flag_is_answered_as_it_is_alone() -> None:
    room = Room(*FLAGS)
    for each in said(room.all())["flags"]:
        assert each == said(room.one(key=each["key"]))


@pytest.mark.parametrize(
    ("key", "seen"), [("sdk-one", "abcd"), ("mob-one", "abc"), (ID, "c")], ids=["server", "mobile", "client"]
)
def test_each_audience_sees_what_is_meant_for_it(key: str, seen: str) -> None:
    answer = Room(*FLAGS).all(authorization=f"Bearer {key}")
    assert "".join(each["key"] for each in said(answer)["flags"]) == seen


def test_many_flags_are_answered_in_turns() -> None:
    room = Room(*(served(key=f"flag-{number}") for number in range(450)))
    assert len(said(room.all())["flags"]) == 450


def test_what_has_not_changed_is_not_sent_again() -> None:
    room = Room(*FLAGS)
    tag = room.all().headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}'):
        again = room.all(if_none_match=known)
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert Room(*FLAGS).all(if_none_match=tag).status == 304, "as in every process"


def test_another_context_key_or_flag_has_another_tag() -> None:
    room = Room(*FLAGS)
    tag = room.all().headers["etag"]
    assert room.all({**ANNA, "plan": "gold"}, if_none_match=tag).status == 200
    assert room.all(authorization="Bearer mob-one", if_none_match=tag).status == 200
    for flags in (
        FLAGS[1:],
        (replace(FLAGS[0], version=8), *FLAGS[1:]),
        (served(key="a", variations=(Variation(ON, True, "yes"), Variation(OFF, False, "off"))), *FLAGS[1:]),
    ):
        room.serve(*flags)
        assert room.all(if_none_match=tag).status == 200
    room.serve(*FLAGS)
    assert room.all(if_none_match=tag).status == 304


def test_the_stream_that_is_named_can_be_opened_with_nothing_else() -> None:
    room = Room(*FLAGS)
    (stream,) = said(room.all(authorization=f"Bearer {ID}"))["eventStreams"]
    assert (stream["type"], stream["inactivityDelaySec"]) == ("sse", 120)
    path = stream["endpoint"]["requestUri"]
    named = {"environment": path.rsplit("/", 1)[1]}
    answer = room.ask("streamNotices", path=named, authorization="")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.body == notice(Key.CLIENT, room.now.snapshot) + b":\n\n"
    assert room.ask("streamNotices", path={"environment": "0" * 24}, authorization="").status == 401


def test_a_phone_is_named_a_stream_of_its_own_and_a_server_none() -> None:
    room = Room(*FLAGS)
    (stream,) = said(room.all(authorization="Bearer mob-one"))["eventStreams"]
    path, query = stream["endpoint"]["requestUri"].split("?")
    assert "mob-one" not in json.dumps(stream)
    answer = room.ask("streamNotices", path={"environment": path.rsplit("/", 1)[1]}, query=query)
    assert answer.body == notice(Key.MOBILE, room.now.snapshot) + b":\n\n"
    assert said(room.all())["eventStreams"] == [], "it would tell strangers of flags that are for servers"


def test_a_stream_tells_of_nothing_that_is_not_available_to_those_it_is_for() -> None:
    needs = a_targeting(prerequisites=(Prerequisite("inner", ON),))
    flags = {
        "outer": served(key="outer", client_side=True, mobile=False, targeting=needs),
        "inner": served(key="inner", mobile=False),
        "of-phones": served(key="of-phones"),
        "of-servers": served(key="of-servers", mobile=False),
    }
    concerned = {"outer": {Key.CLIENT}, "inner": {Key.CLIENT}, "of-phones": {Key.MOBILE}, "of-servers": set()}
    before = live_of(*flags.values()).snapshot
    for key, expected in concerned.items():
        after = live_of(*(flags | {key: replace(flags[key], version=8)}).values()).snapshot
        for kind, framing in NOTICES.items():
            told = framing.update(Update(before, after, (key,), {}))
            assert told == (notice(kind, after) if kind in expected else b""), (kind, key)
            assert (framing.whole(after) != framing.whole(before)) == (kind in expected), (kind, key)


def test_the_tag_of_all_flags_is_the_same_while_only_others_change() -> None:
    page = {"authorization": f"Bearer {ID}"}
    room = Room(*FLAGS)
    tag = room.all(**page).headers["etag"]
    room.serve(replace(FLAGS[0], version=8), *FLAGS[1:])
    assert room.all(**page, if_none_match=tag).status == 304


def test_a_notice_says_to_ask_again_and_which_state_to_ask_for() -> None:
    written = notice(Key.CLIENT, live_of(*FLAGS).snapshot).decode()
    lines = dict(line.split(": ", 1) for line in written.split("\n") if line)
    document = json.loads(lines["data"])
    assert lines["event"] == "message"
    assert lines["id"] == document["etag"]
    assert document["type"] == "refetchEvaluation"
    jsonschema_rs.validate(CONTRACT.schema("sseEventData"), document)


def test_who_comes_again_and_missed_nothing_is_told_nothing() -> None:
    room = Room(*FLAGS)
    heard = notice(Key.CLIENT, room.now.snapshot).decode().split("\n")[0].removeprefix("id: ")
    path = {"environment": ID}
    assert room.ask("streamNotices", path=path, last_event_id=heard).body == b":\n\n:\n\n"
    assert b"refetch" in room.ask("streamNotices", path=path, last_event_id="other").body


def test_who_was_told_of_a_change_is_answered_as_after_it_by_a_process_that_has_not_heard() -> None:
    room = Room(*FLAGS)
    room.later = live_of(*FLAGS[1:])
    tag = notice(Key.MOBILE, room.later.snapshot).decode().split("\n")[0].removeprefix("id: ")
    phone = {"authorization": "Bearer mob-one"}
    assert len(said(room.all(**phone))["flags"]) == 3
    assert room.looked == 0
    assert len(said(room.all(query=f"flagConfigEtag={tag}&flagConfigLastModified=1", **phone))["flags"]) == 2
    assert room.looked == 1
    room.all(query=f"flagConfigEtag={tag}", **phone)
    assert room.looked == 1, "it knows by now"


def test_only_an_environment_that_is_soon_decided_is_answered_at_once() -> None:
    def at_once(room: Room) -> bool:
        headers, body = {"authorization": f"Bearer {SDK_KEY}"}, json.dumps({"context": ANNA}).encode()
        return visit_at_once(DOORS["evaluateFlagsBulk"], room.outlets, headers, {}, body) is not None

    assert at_once(Room(*FLAGS))
    assert not at_once(Room(*(served(key=f"flag-{number}") for number in range(AT_ONCE_MAX + 1))))
    away = Room(*FLAGS)
    away.away = True
    assert not at_once(away), "it must be waited for"


def test_a_body_that_was_answered_before_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room(served())
    tag = room.all().headers["etag"]

    read: list[bytes] = []

    def asked_for(body: bytes) -> Any:
        read.append(body)
        return contexts.asked_for(body)

    monkeypatch.setattr(doors, "asked_for", asked_for)
    assert room.all(if_none_match=tag).status == 304
    assert read == []
    assert room.all({**ANNA, "plan": "gold"}, if_none_match=tag).status == 200
    assert read


@pytest.mark.parametrize("known", ["*", '"0123"', ""])
def test_what_cannot_be_read_is_refused_whatever_the_client_says_it_has(known: str) -> None:
    assert Room(served()).all(b'{"context": ', if_none_match=known).status == 400
