"""All flags at once: what changed and what did not, and the stream that says so."""

import json

import jsonschema_rs
import pytest
from msgspec.structs import replace

from equipoise.dialects.ofrep.doors import NOTICES, changed, notice
from equipoise.domain.flag.state import Rollout, Variation
from tests.contracts.ofrep import CONTRACT
from tests.dialects.ofrep.room import ANNA, Room, in_experiment, live_of, said, served
from tests.domain.builders import ID, OFF, ON, a_targeting

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
    (stream,) = said(room.all())["eventStreams"]
    assert (stream["type"], stream["inactivityDelaySec"]) == ("sse", 120)
    path = stream["endpoint"]["requestUri"]
    assert "sdk-one" not in json.dumps(stream)
    named = {"environment": path.rsplit("/", 1)[1]}
    answer = room.ask("streamNotices", path=named, authorization="")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.body == notice(room.now.snapshot) + b":\n\n"
    assert room.ask("streamNotices", path={"environment": "0" * 24}, authorization="").status == 401


def test_a_notice_says_to_ask_again_and_which_state_to_ask_for() -> None:
    lines = dict(
        line.split(": ", 1) for line in notice(live_of(*FLAGS).snapshot).decode().split("\n") if line
    )
    document = json.loads(lines["data"])
    assert lines["event"] == "message"
    assert lines["id"] == document["etag"]
    assert document["type"] == "refetchEvaluation"
    jsonschema_rs.validate(CONTRACT.schema("sseEventData"), document)


def test_who_comes_again_and_missed_nothing_is_told_nothing() -> None:
    room = Room(*FLAGS)
    heard = notice(room.now.snapshot).decode().split("\n")[0].removeprefix("id: ")
    path = {"environment": ID}
    assert room.ask("streamNotices", path=path, last_event_id=heard).body == b":\n\n:\n\n"
    assert b"refetch" in room.ask("streamNotices", path=path, last_event_id="other").body


def test_who_was_told_of_a_change_is_answered_as_after_it_by_a_process_that_has_not_heard() -> None:
    room = Room(*FLAGS)
    room.later = live_of(*FLAGS[1:])
    tag = notice(room.later.snapshot).decode().split("\n")[0].removeprefix("id: ")
    assert len(said(room.all())["flags"]) == 4
    assert room.looked == 0
    assert len(said(room.all(query=f"flagConfigEtag={tag}&flagConfigLastModified=1"))["flags"]) == 3
    assert room.looked == 1
    room.all(query=f"flagConfigEtag={tag}")
    assert room.looked == 1, "it knows by now"


def test_all_streams_of_an_environment_share_their_notices() -> None:
    assert NOTICES.update is changed
