"""Auth0's clients of other generations and languages, unmodified, each in a program of its own."""

import json
import sys
from pathlib import Path
from typing import Any

from tests.clients import auth0_python, node, run
from tests.contracts.auth0 import CONTRACT
from tests.flows.tenant import OPERATIONS, ROUTER, Tenancy

ROOT = Path(__file__).parents[2]
NODE_PROGRAM = Path(__file__).with_name("auth0_node.cjs")


def test_the_client_of_the_beta_does_all_that_it_can_do(tenancy: Tenancy) -> None:
    settings = {"PYTHONPATH": f"{auth0_python('6.7.0')}:{ROOT}"}
    token = tenancy.token(tenancy.project()).secret
    program = [sys.executable, "-m", "tests.flows.auth0_670", tenancy.server.url, token]
    saw: dict[str, Any] = json.loads(run(program, **settings))
    assert saw["version"] == "6.7.0"
    assert saw["flag"] == ["draft", "active"]
    assert saw["experiment"] == ["draft", "active", "paused", "active", "completed", "archived"]
    assert saw["refused"] == "invalid_status_transition"
    assert saw["levels"] == [5, 50]
    assert set(saw["operations"]) == OPERATIONS


def test_the_client_for_node_does_all_that_it_can_do(tenancy: Tenancy) -> None:
    client = tenancy.token(tenancy.project())
    binary, modules = node("auth0")
    program = [binary, str(NODE_PROGRAM), tenancy.server.url, client.id, client.secret]
    saw: dict[str, Any] = json.loads(run(program, NODE_PATH=str(modules)))
    assert saw["statuses"] == ["active", "paused", "active", "completed", "archived"]
    assert (saw["ramp"]["from_level"], saw["ramp"]["current_level"]) == (10, 25)
    done = set()
    for each in saw["exchanges"]:
        operation = ROUTER.find(each["method"], each["path"].encode())[0].operation
        done |= {operation} if each["status"] < 300 else set()
        if operation != "create_token":
            CONTRACT.check(each["method"], each["path"], each["status"], each["body"].encode())
    assert done == {*OPERATIONS, "create_token"}
    grants = [each for each in saw["exchanges"] if each["path"] == "/oauth/token"]
    assert len(grants) == 1, "one access token serves all requests"
