"""Segments become files: each event once, whatever happens in between."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from equipoise.application.lake import Kind
from equipoise.application.ports import Store
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import Stop
from equipoise.domain.records import Dead, Decoded, DoneMany, Received, SeenMany, one_by_one, unit_key
from equipoise.events import compaction, held, segments
from equipoise.events.compaction import compact_once
from equipoise.events.parquet import Lake
from equipoise.events.schema import SCHEMAS
from tests.domain.builders import OFF, ON
from tests.events.shop import HERE, NOW, STARTED, Place, a_body, decode
from tests.fakes import MemoryStore
from tests.storage.desk import change


@pytest.fixture
def here(tmp_path: Path) -> Place:
    return Place(tmp_path, MemoryStore())


def files_of(place: Place) -> set[str]:
    return {path for path, _ in place.lake.found()}


def named(place: Place) -> set[str]:
    with place.store.read() as reader:
        return {file.path for file in reader.every_file()}


def test_an_exposure_leads_to_its_iteration_and_arm(any_store: Store, tmp_path: Path) -> None:
    place = Place(tmp_path, any_store)
    experiment = place.start_experiment()
    place.segment(a_body("seen:anna:0 seen:ben:1 done:anna"))
    flush = compact_once(place.shop)
    assert (flush.bodies, flush.rows) == (1, {Kind.EXPOSURE: 2, Kind.OUTCOME: 1})
    rows = {row["unit"]: row for row in place.rows(Kind.EXPOSURE)}
    current = experiment.current
    assert current is not None
    assert rows["anna"] == {
        "unit_kind": "user",
        "unit": "anna",
        "unit_key": unit_key("user", "anna"),
        "at": NOW,
        "received_at": NOW,
        "flag": "checkout",
        "version": STARTED,
        "rule": "fallthrough",
        "variation": 0,
        "arm": ON,
        "experiment": experiment.id,
        "iteration": current.id,
        "phase": 0,
        "attributes": "{}",
        "payload": "p",
        "ordinal": 0,
    }
    assert rows["ben"]["arm"] == OFF
    (outcome,) = place.rows(Kind.OUTCOME)
    assert (outcome["event"], outcome["value"], outcome["data"], outcome["ordinal"]) == (
        "purchase",
        2.5,
        '{"n":1}',
        2,
    )


def test_who_holds_a_public_key_speaks_of_the_flags_that_are_available_to_it_alone(here: Place) -> None:
    """The flag is available to phones and not to browsers; outcomes are anybody's to tell."""
    here.start_experiment()
    here.segment(
        *(a_body(f"seen:{key}:0 done:{key}", payload=key, key=key) for key in ("server", "mobile", "client"))
    )
    flush = compact_once(here.shop)
    assert {row["unit"] for row in here.rows(Kind.EXPOSURE)} == {"server", "mobile"}
    assert flush.dead == {"not available": 1}
    assert len(here.rows(Kind.OUTCOME)) == 3


def test_an_exposure_that_leads_nowhere_is_kept_with_the_cause(here: Place) -> None:
    experiment = here.start_experiment()
    change(here.store, EXPERIMENT, experiment.id, Stop())  # 5
    words = ("seen:a:0:3", "seen:a:0:5", "seen:a:0:99", f"seen:a:7:{STARTED}", "nonsense")
    here.segment(a_body(" ".join(words)), a_body("seen:a:0", "q", environment="f" * 24))
    flush = compact_once(here.shop)
    assert flush.dead == {"no experiment": 3, "no variation": 1, "malformed": 1, "no environment": 1}
    assert here.rows(Kind.EXPOSURE) == []
    with here.store.read() as reader:
        assert reader.dead(HERE) == {"no experiment": 3, "no variation": 1, "malformed": 1}
    assert {row["event"] for row in here.rows(Kind.DEAD)} >= {b"nonsense"}


def test_a_version_that_is_still_to_come_is_asked_for_again(here: Place) -> None:
    """What is not there yet is not remembered as never there."""
    experiment = here.start_experiment()
    here.segment(a_body("seen:a:0:6", "early"))
    compact_once(here.shop)
    change(here.store, EXPERIMENT, experiment.id, Stop())  # 5
    here.segment(a_body("seen:a:0:4", "late"))
    assert compact_once(here.shop).rows == {Kind.EXPOSURE: 1}


def test_rows_are_sorted_by_unit_key_and_the_manifest_knows_their_bounds(here: Place) -> None:
    here.segment(a_body(" ".join(f"done:unit-{number}" for number in range(500))))
    compact_once(here.shop)
    keys = [row["unit_key"] for row in here.rows(Kind.OUTCOME)]
    assert keys == sorted(keys)
    with here.store.read() as reader:
        (file,) = reader.every_file()
    assert (file.keys, file.rows, file.first, file.last) == ((keys[0], keys[-1]), 500, NOW, NOW)
    assert file.path == f"environment={HERE}/kind=outcome/day={file.day}/{file.id}.parquet"


def test_rows_go_to_the_day_and_the_environment_of_their_receipt(here: Place) -> None:
    day = 86_400_000_000
    here.segment(
        a_body("done:a", "1"),
        a_body("done:b", "2", received_at=NOW + day),
        a_body("done:c", "3", environment="f" * 24),
    )
    compact_once(here.shop)
    with here.store.read() as reader:
        days = {(file.environment, file.day) for file in reader.every_file()}
    assert days == {(HERE, "2025-10-09"), (HERE, "2025-10-10"), ("f" * 24, "2025-10-09")}


def test_a_payload_counts_once_in_one_segment_in_two_and_later(here: Place) -> None:
    here.segment(a_body("done:a"), a_body("done:a"))
    here.segment(a_body("done:a"), a_body("done:b", "q"))
    assert compact_once(here.shop).doubles == 2
    here.segment(a_body("done:a"))
    assert compact_once(here.shop).doubles == 1
    assert sorted(row["unit"] for row in here.rows(Kind.OUTCOME)) == ["a", "b"]


def test_a_segment_that_is_somebody_s_is_left_alone(here: Place) -> None:
    path = here.segment(a_body("done:a"), sealed=False)
    assert compact_once(here.shop).segments == 0
    assert path.exists()


def test_a_torn_segment_gives_what_is_whole(here: Place) -> None:
    torn = segments.frame(a_body("done:b", "q"))[:-2]
    path = here.segment(a_body("done:a"), torn=torn)
    assert compact_once(here.shop).cut == len(torn)
    assert [row["unit"] for row in here.rows(Kind.OUTCOME)] == ["a"]
    assert not path.exists()


def test_what_comes_after_damage_is_kept_beside_and_counted(any_store: Store, tmp_path: Path) -> None:
    place = Place(tmp_path, any_store)
    bad = bytearray(segments.frame(a_body("done:b", "q")))
    bad[-1] ^= 1
    rest = bytes(bad) + segments.frame(a_body("done:c", "r"))
    path = place.segment(a_body("done:a"), torn=rest)
    flush = compact_once(place.shop)
    assert [row["unit"] for row in place.rows(Kind.OUTCOME)] == ["a"]
    (kept,) = flush.damaged
    assert kept.read_bytes() == rest
    assert (flush.cut, flush.dead, path.exists()) == (0, {"damaged": 1}, False)
    assert list(place.journal.iterdir()) == [kept]
    with place.store.read() as reader:
        assert reader.tally().dead == {"damaged": 1}


class Stopped(BaseException):
    """The process is killed here."""


def _stop(*_: Any, **__: Any) -> Any:
    raise Stopped


KILLS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "before files": lambda patch: patch.setattr(Lake, "write", _stop),
    "before the commit": lambda patch: patch.setattr(compaction, "_commit", _stop),
    "before the segment is removed": lambda patch: patch.setattr(Path, "unlink", _stop),
}


@pytest.mark.parametrize("when", KILLS)
def test_a_compactor_that_dies_anywhere_leaves_each_event_once(
    when: str, any_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path, any_store)
    place.segment(a_body("done:a nonsense"), a_body("done:b", "q"))
    with monkeypatch.context() as patch:
        KILLS[when](patch)
        with pytest.raises(Stopped):
            compact_once(place.shop)
    compact_once(place.shop)
    assert sorted(row["unit"] for row in place.rows(Kind.OUTCOME)) == ["a", "b"]
    assert len(place.rows(Kind.DEAD)) == 1
    with place.store.read() as reader:
        assert reader.dead(HERE) == {"malformed": 1}
    assert segments.sizes(place.journal) == {}


def test_a_payload_that_another_compactor_brings_meanwhile_counts_once(here: Place) -> None:
    """Two hosts on one database: the other one commits between our reading and our commit."""

    def decode_late(received: Received) -> Iterator[Decoded]:
        with here.store.write() as transaction:
            transaction.admit_payloads(HERE, ("p",), 1)
        yield from decode(received)

    here.shop.decoders["text"] = decode_late  # type: ignore[index]
    here.segment(a_body("done:a"), a_body("done:b", "q"))
    compact_once(here.shop)
    assert [row["unit"] for row in here.rows(Kind.OUTCOME)] == ["b"]
    assert files_of(here) == named(here), "what was written in vain is gone"


def test_a_decoder_that_fails_keeps_nobody_else_s_events_from_being_read(here: Place) -> None:
    here.segment(a_body("done:a boom:x done:never"), a_body("done:b", "q"))
    flush = compact_once(here.shop)
    assert sorted(row["unit"] for row in here.rows(Kind.OUTCOME)) == ["a", "b"]
    assert flush.dead == {"undecodable": 1}
    assert "a fault of the decoder" in flush.faults[0][1]


def test_events_of_a_dialect_that_is_not_here_are_kept_until_it_is(tmp_path: Path) -> None:
    place = Place(tmp_path, MemoryStore(), other=lambda received: iter([Dead("other", received.body)]))
    place.segment(a_body("done:a"), a_body("x", "q", dialect="other"))
    flush = compact_once(place.shop)
    assert (flush.held, flush.bodies) == (1, 1)
    assert held.release(place.journal, {"other"}) == 0, "nobody reads them yet"
    assert held.release(place.journal, {"text"}) == 1
    place.shop.decoders["text"] = decode  # type: ignore[index]
    assert compact_once(place.shop).rows == {Kind.OUTCOME: 1}
    assert list(place.journal.iterdir()) == []


def test_columns_say_the_same_as_their_records_one_by_one(tmp_path: Path) -> None:
    """Also where an exposure among them leads nowhere, or is of another kind of unit."""
    rule = ("checkout", STARTED, "fallthrough")
    blocks: list[SeenMany | DoneMany] = [
        SeenMany(
            "user", [(*rule, 0), (*rule, 1)], [1, 0, 1], ["a", "b", "c"], [NOW, NOW - 1, NOW], ["{}"] * 3
        ),
        DoneMany("user", ["x", "y"], ["a", "b"], [NOW, NOW - 2], [None, 2.5], [None, '{"n":1}']),
        SeenMany(
            "user", [(*rule, 0), (*rule, 7)], [0, 1], ["d", "e"], [NOW, NOW], ['{"user":{"p":1}}', "{}"]
        ),
        SeenMany("org", [(*rule, 0)], [0], ["o"], [NOW], ["{}"]),
    ]
    rows = []
    for name, way in (("columns", iter), ("one by one", one_by_one)):
        folder = tmp_path / name
        folder.mkdir()
        place = Place(folder, MemoryStore(), text=lambda _, way=way: way(blocks))
        place.start_experiment()
        place.segment(a_body(""))
        assert compact_once(place.shop).dead == {"no variation": 1, "no unit": 1}
        found = (row for kind in Kind for row in place.rows(kind))
        rows.append(sorted((row["ordinal"], *map(repr, row.values())) for row in found))
    assert rows[0] == rows[1]
    assert [row[0] for row in rows[0]] == list(range(8))


def test_a_flush_that_is_large_is_written_in_parts(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("equipoise.events.gathering.ROWS_MAX", 10)
    here.segment(a_body(" ".join(f"done:{number}" for number in range(25))))
    assert compact_once(here.shop).files == 3
    assert len(here.rows(Kind.OUTCOME)) == 25


def test_a_flush_of_much_text_is_written_in_parts(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few rows and few bytes as they came may be much text; one by one, in columns and dead."""
    monkeypatch.setattr("equipoise.events.gathering.TEXT_MAX", 1_000)
    here.start_experiment()
    words = (f"{what}{number:0100d}{tail}" for number in range(25) for what, tail in SIZES.items())
    here.segment(a_body(" ".join(words)))
    flush = compact_once(here.shop)
    assert flush.rows == {Kind.OUTCOME: 25, Kind.EXPOSURE: 25, Kind.DEAD: 25}
    with here.store.read() as reader:
        files = reader.every_file()
    assert max(file.rows for file in files) <= 10
    assert sum(file.rows for file in files) == 75


SIZES = {"done:": "", "seen:": ":0", "nonsense": ""}


def test_columns_of_much_text_are_written_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("equipoise.events.gathering.TEXT_MAX", 1_000)
    many = 10
    done = DoneMany("user", ["x"] * many, ["a"] * many, [NOW] * many, [None] * many, ["9" * 100] * many)
    rule = ("checkout", STARTED, "fallthrough", 0)
    seen = SeenMany("user", [rule], [0] * many, ["a"] * many, [NOW] * many, ["9" * 100] * many)
    place = Place(tmp_path, MemoryStore(), text=lambda _: iter([done, seen] * 3))
    place.start_experiment()
    place.segment(a_body(""))
    flush = compact_once(place.shop)
    assert (flush.files, flush.rows) == (6, {Kind.OUTCOME: 30, Kind.EXPOSURE: 30})


def test_no_column_of_text_ends_at_two_gibibytes() -> None:
    for schema in SCHEMAS.values():
        assert not {pa.string(), pa.binary()} & set(schema.types)


def test_a_lake_at_a_url_is_the_folder_it_names(tmp_path: Path) -> None:
    place = Place(tmp_path, MemoryStore())
    lake = Lake.at(f"file://{tmp_path}/lake")
    lake.write_bytes("manifest.json", b"{}")
    lake.write_bytes("manifest.json", b"[]")
    assert (tmp_path / "lake" / "manifest.json").read_bytes() == b"[]"
    assert lake.base == place.lake.base
