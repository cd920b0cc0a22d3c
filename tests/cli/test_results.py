"""`equipoise results`, in this process, on a store of its own."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console

from equipoise import server
from equipoise.analysis.results import Results
from equipoise.application.ports import Entry
from equipoise.cli.results import _show
from equipoise.config import Settings
from equipoise.domain.change import Command, Noun, apply
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import Create, Start
from equipoise.domain.flag import FLAG
from equipoise.domain.flag import commands as flags
from equipoise.domain.metric import METRIC
from equipoise.domain.metric import commands as metrics
from tests.analysis.found import BOUGHT, converted, facts, reported
from tests.analysis.pictures import a_result
from tests.cli.typed import Run
from tests.domain.builders import OFF, ON, a_flag, a_moment, a_targeting
from tests.domain.experiment.examples import an_experiment, the_facts

TOKEN = "api-" + "t" * 43


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that breaks no line."""
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def data(tmp_path: Path) -> str:
    """The folder of an instance with one running experiment that nobody has met."""
    folder = tmp_path / "data"
    server.prepare(Settings(data=folder, admin_token=TOKEN))
    flag = a_flag(targeting={"production": a_targeting()})
    with server.opened(Settings(data=folder)) as instance:
        _do(instance, FLAG, None, flags.Create(flag))
        _do(instance, METRIC, None, metrics.Create(msgspec.structs.replace(BOUGHT, version=1)))
        born = _do(instance, EXPERIMENT, None, Create(an_experiment()))
        _do(instance, EXPERIMENT, born, Start(the_facts(), pins={"purchases": 1}))
    return str(folder)


def _do(instance: server.Instance, noun: Noun[Any], now: Any, command: Command) -> Any:
    outcome = apply(noun, now, command, a_moment())
    with instance.store.write() as transaction:
        transaction.settle([outcome], Entry(1, "tests", "tests"))
    return outcome.after


def test_a_result_is_a_table_with_the_verdict_first_and_what_to_do_next(run: Run, data: str) -> None:
    status, out, err = run("results", "new-checkout", "--data", data)
    assert (status, err) == (0, "")
    assert out.splitlines()[0] == "New checkout (new-checkout), running"
    assert "no data  Nobody has been seen in this experiment yet." in out
    assert "Next: Check that the application asks for the flag “checkout”" in out


def test_as_json_it_is_the_document_of_the_interface(run: Run, data: str) -> None:
    status, out, _ = run("results", "new-checkout", "--data", data, "--json")
    assert status == 0
    assert msgspec.json.decode(out, type=Results).experiment == "new-checkout"
    assert json.loads(out)["verdict"]["call"] == "no_data"


@pytest.mark.parametrize(("name", "start"), [("plot.svg", b"<svg"), ("plot.PNG", b"\x89PNG")])
def test_it_is_drawn_as_its_name_says(run: Run, data: str, tmp_path: Path, name: str, start: bytes) -> None:
    status, _, err = run("results", "new-checkout", "--data", data, "--plot", str(tmp_path / name))
    assert (status, err) == (0, f"Drawn in {tmp_path / name}.\n")
    assert (tmp_path / name).read_bytes().startswith(start)


def test_another_kind_of_picture_is_refused_before_anything_is_computed(run: Run, data: str) -> None:
    status, out, err = run("results", "new-checkout", "--data", data, "--plot", "plot.pdf")
    assert (status, out) == (1, "")
    assert "plot.pdf is neither an SVG nor a PNG." in err
    assert ".svg or .png" in err


def test_an_experiment_that_is_not_there_is_said_with_those_that_are(run: Run, data: str) -> None:
    status, _, err = run("results", "nope", "--data", data)
    assert status == 1
    assert "There is no experiment “nope” in default/production." in err
    assert "There are new-checkout." in err


def test_an_experiment_that_is_elsewhere_is_said_with_where(run: Run, data: str) -> None:
    _, _, err = run("results", "new-checkout", "--environment", "test", "--data", data)
    assert "There is one in default/production" in err
    _, _, err = run("results", "nope", "--environment", "moon", "--data", data)
    assert "default/production, default/test" in err


def test_an_iteration_that_is_not_there_is_said(run: Run, data: str) -> None:
    status, _, err = run("results", "new-checkout", "--iteration", "f" * 24, "--data", data)
    assert status == 1
    assert "no iteration" in err


def test_where_nothing_was_ever_started_nothing_is_made(run: Run, tmp_path: Path) -> None:
    status, _, err = run("results", "new-checkout", "--data", str(tmp_path / "none"))
    assert status == 1
    assert "There is no store" in err
    assert not (tmp_path / "none").exists()


def test_the_table_shows_arms_comparisons_health_and_how_it_was_computed() -> None:
    console = Console(record=True, width=200, file=StringIO())
    _show(reported(facts({OFF: converted(200, 2_000), ON: converted(300, 2_000)})), console)
    said = console.export_text()
    for part in ("better", "off (control)", "2,000", "+50.0 %", "Units are split as planned", "paper 1"):
        assert part in said, said
    assert "Traceback" not in said


def test_a_name_is_text_and_commands_neither_the_terminal_nor_the_table() -> None:
    written = StringIO()
    found = a_result()
    name = "\x1b]0;mine\x07\x1b[2J\u009b31m\u202e[red]"
    arms = [msgspec.structs.replace(arm, name=name) for arm in found.arms]
    _show(msgspec.structs.replace(found, name=name, arms=arms), Console(width=200, file=written))
    said = written.getvalue()
    assert "[red]" in said
    assert not any(each in said for each in "\x1b\x07\u009b\u202e")


def test_what_has_no_bound_and_what_is_not_known_is_said() -> None:
    console = Console(record=True, width=200, file=StringIO())
    _show(a_result(), console)
    said = console.export_text()
    assert "up to 50.0 %" in said
    assert "none yet" in said
