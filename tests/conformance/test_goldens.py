"""One valid request per operation: what the other tests here set out from."""

from equipoise.translation.routes import Route
from tests.conformance.scenes import success
from tests.conformance.stages import Stage, over, over_dialects


@over_dialects
def test_every_operation_has_a_valid_request_here(stage: Stage) -> None:
    assert stage.scene.requests.keys() == {route.operation for route in stage.dialect.routes}


@over()
def test_a_valid_request_is_answered_as_published(stage: Stage, route: Route) -> None:
    response = stage.send(route)
    assert response.status_code == success(route), response.text
    stage.requests.conforms(response, route.operation)


@over_dialects
def test_what_is_public_is_listed(stage: Stage) -> None:
    """Whoever makes a route public says so beside its requests as well."""
    assert {route.operation for route in stage.dialect.routes if route.public} == stage.requests.PUBLIC
