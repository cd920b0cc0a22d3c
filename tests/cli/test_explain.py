"""`equipoise explain` in this process."""

import json
from pathlib import Path

import pytest

from equipoise import server
from equipoise.application.ports import Entry
from equipoise.config import Settings
from equipoise.domain.change import Moment, apply
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.commands import Create
from tests.cli.typed import Run
from tests.domain.builders import a_flag, a_rollout, a_targeting

USER = '{"kind": "user", "key": "[red]user-1"}'


@pytest.fixture
def data(tmp_path: Path) -> str:
    """The folder of an instance with a flag that is rolled out."""
    said = Settings(data=tmp_path / "data", admin_token="api-" + "t" * 43)
    server.prepare(said)
    flag = a_flag(targeting={"production": a_targeting(fallthrough=a_rollout())})
    with server.opened(said) as instance, instance.store.write() as transaction:
        moment = Moment(server.clock(), b"entropy")
        transaction.settle([apply(FLAG, None, Create(flag), moment)], Entry(moment.at, "tests", "tests"))
    return str(tmp_path / "data")


def test_the_steps_stand_as_a_tree_and_the_decision_last(run: Run, data: str) -> None:
    status, out, err = run("explain", "checkout", "--context", USER, "--data", data)
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "checkout in default/production"
    assert lines[1] == "├── Flag “checkout” is on."
    assert "is hashed as “checkout.salt.[red]user-1” to bucket 0." in lines[2]
    assert lines[-1].startswith("└── “checkout” serves variation ")


def test_a_program_gets_the_same_as_json_from_a_file(run: Run, data: str, tmp_path: Path) -> None:
    (tmp_path / "user.json").write_text(USER)
    status, out, _ = run("explain", "checkout", "--context", "@user.json", "--data", data, "--json")
    found = json.loads(out)
    assert (status, found["flag"], found["steps"][1]["step"]["kind"]) == (0, "checkout", "rollout")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("checkout", "--context", "{"), "This is no context: is not JSON"),
        (("checkout", "--context", "@gone.json"), "gone.json: No such file"),
        (("gone", "--context", USER), "There is no flag “gone” for default/production"),
        (("checkout", "--context", USER, "--environment", "gone"), "There is no environment “gone”"),
    ],
)
def test_what_cannot_be_explained_is_a_sentence(
    run: Run, data: str, arguments: tuple[str, ...], said: str
) -> None:
    status, out, err = run("explain", *arguments, "--data", data)
    assert (status, out) == (1, "")
    assert said in err
    assert "Next: " in err
