"""Who gets in, and how far: generated over every route of every dialect."""

import pytest

from equipoise.application.ports import INSTANCE_SPACE, space_of
from equipoise.domain.flag.state import Flag
from equipoise.domain.token.state import ACTS
from equipoise.security.permissions import Act
from equipoise.translation.routes import Route
from tests.conformance.scenes import addressed, path_of, private, reads, success, writes
from tests.conformance.stages import OTHER, OWN, Stage, over, over_dialects

NOBODY = (None, "", "api-" + "w" * 43, "expired", "renewed", "deleted")
BODIES = (b"", b"{", b"[[", b"{}", b"[]", b"\xff", b"[" * 10_000)


@over(private)
def test_nobody_gets_in_without_a_token_that_is_valid(stage: Stage, route: Route) -> None:
    before = stage.numbers()
    assert {token: stage.send(route, token).status_code for token in NOBODY} == dict.fromkeys(NOBODY, 401)
    assert stage.numbers() == before


@over(private, writes)
def test_nobody_learns_what_a_body_lacks(stage: Stage, route: Route) -> None:
    for content in BODIES:
        assert stage.send(route, None, content=content).status_code == 401, content
        assert stage.send(route, "reader", content=content).status_code == 403, content


@over(private)
def test_nobody_learns_what_a_query_lacks(stage: Stage, route: Route) -> None:
    for name in ("asOf", "dryRun", "limit", "offset", "filter", "sort", "expiry"):
        assert stage.send(route, None, query={name: "?"}).status_code == 401
    assert stage.send(route, None, headers={"Idempotency-Key": ""}).status_code == 401


@over(lambda route: route.public)
def test_what_is_public_needs_no_token(stage: Stage, route: Route) -> None:
    assert stage.send(route, None).status_code == success(route)


@over(private, writes)
def test_a_reader_changes_nothing(stage: Stage, route: Route) -> None:
    before = stage.numbers()
    response = stage.send(route, "reader")
    assert response.status_code == 403, response.text
    assert stage.numbers() == before


@over(reads)
def test_a_reader_reads(stage: Stage, route: Route) -> None:
    golden = stage.golden(route)
    expected = 404 if route.operation in stage.requests.OF_ADMINS else success(route)
    assert stage.send(route, "reader").status_code == expected, golden.path


@over(lambda route: route.act in (Act.ADMINISTER, Act.DELEGATE))
def test_a_writer_does_not_administer(stage: Stage, route: Route) -> None:
    before = stage.numbers()
    response = stage.send(route, "writer")
    assert response.status_code == 403, response.text
    assert stage.numbers() == before


@over(private)
@pytest.mark.parametrize("how", ["made", "granted"])
def test_a_narrowed_token_does_what_it_is_narrowed_to_and_nothing_else(
    stage: Stage, route: Route, how: str
) -> None:
    before = stage.numbers()
    others = {act: stage.send(route, f"{how} to {act}").status_code for act in ACTS if act != route.act}
    assert others == dict.fromkeys(others, 403)
    assert stage.numbers() == before
    if route.act in ACTS:
        expected = 404 if route.operation in stage.requests.OF_ADMINS else success(route)
        assert stage.send(route, f"{how} to {route.act}").status_code == expected


@over(private, addressed)
def test_what_belongs_to_another_project_is_answered_as_what_is_not_there(stage: Stage, route: Route) -> None:
    before = stage.numbers()
    theirs, golden = stage.send(route, "foreigner"), stage.golden(route)
    assert theirs.status_code in golden.missing, theirs.text
    assert stage.numbers() == before
    nowhere = {name: f"{route.begins.get(name, '')}nowhere-{at}" for at, name in enumerate(golden.path)}
    nothing = stage.send(route, "foreigner", path=path_of(route, nowhere))
    said = nothing.text
    for name, value in nowhere.items():
        said = said.replace(value, golden.path[name])
    assert (nothing.status_code, said) == (theirs.status_code, theirs.text)


@over(private, lambda route: not addressed(route))
def test_of_the_instance_another_projects_admin_sees_and_makes_only_what_is_its_own(
    stage: Stage, route: Route
) -> None:
    before, foreign = stage.numbers(), stage.hidden_from("foreigner")
    response = stage.send(route, "foreigner")
    home = stage.requests.AT_HOME or stage.golden(route).home
    allowed = reads(route) or route.act is Act.DELEGATE
    if home and writes(route):  # in its own place, unless what it speaks of is not there
        assert response.status_code in (success(route), 404), response.text
    else:
        assert response.status_code == (success(route) if allowed else 403), response.text
    assert told(response.text, foreign) == set()
    changed = {space for space, number in stage.numbers().items() if number != before.get(space)}
    own = {space_of(OTHER)} if home else set()
    whole = {INSTANCE_SPACE} if route.act is Act.DELEGATE or stage.golden(route).home else set()
    assert changed <= own | whole


@over(private, lambda route: not addressed(route), reads)
def test_another_projects_admin_sees_its_own(stage: Stage, route: Route) -> None:
    """Else the test above would hold of empty answers as well."""
    known = stage.known_to("foreigner")
    if told(stage.sent(route).text, known):
        assert told(stage.sent(route, "foreigner").text, known)


@over(private)
def test_the_environment_next_door_stays_closed(stage: Stage, route: Route) -> None:
    before, foreign = stage.numbers(), stage.hidden_from("neighbour")
    golden, scene = stage.golden(route), stage.scene
    response = stage.send(route, "neighbour")
    assert response.status_code < 500, response.text
    if golden.local or scene.environment in golden.path.values():
        assert response.status_code in golden.missing, response.text
        assert stage.numbers() == before
    elif route.act is Act.ADMINISTER and not golden.home:
        assert response.status_code in (403, 404), response.text
    asked = "\n".join((*golden.path.values(), *golden.query.values(), (golden.content or b"").decode()))
    assert told(response.text, foreign) - told(asked, foreign) == set()
    for row in stage.surface.rows(space_of(OWN))[before[space_of(OWN)] :]:
        assert row.place.environment in ("", scene.sibling)
        if isinstance(row.state, Flag):
            was = stage.flag_before(row.state, before)
            here = scene.environment
            assert was is None or was.in_environment(here) == row.state.in_environment(here)


@over(private, reads)
def test_the_neighbour_sees_its_own_environment(stage: Stage, route: Route) -> None:
    """Else the test above would hold of empty answers as well."""
    theirs = stage.send(route, "neighbour")
    if theirs.status_code == success(route):
        assert (stage.scene.sibling in stage.send(route).text) <= (stage.scene.sibling in theirs.text)


@over_dialects
def test_the_other_project_is_like_the_own(stage: Stage) -> None:
    assert stage.other.requests.keys() == stage.scene.requests.keys()
    assert stage.numbers()[space_of(OWN)] == stage.numbers()[space_of(OTHER)]


def told(text: str, names: set[str]) -> set[str]:
    return {each for each in names if each in text}
