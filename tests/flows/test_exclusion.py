"""LaunchDarkly's published REST client sets up a layer and a holdout; its published SDK then keeps to them.

Every answer passes the client's own strict models and the published contract.
"""

from collections.abc import Iterator
from typing import Any

import httpx
import launchdarkly_api
import pytest
from launchdarkly_api.exceptions import ApiException

from tests.contracts.launchdarkly import Contract
from tests.evaluation.published import Published
from tests.flows.shop import SEMANTIC
from tests.flows.test_launchdarkly_client import Watched
from tests.served import Place, Server, serving

ld: Any = launchdarkly_api
PROJECT, ENVIRONMENT, UNITS = "shop", "production", 400
MEDIA = SEMANTIC["Content-Type"]
START = {"kind": "startIteration", "changeJustification": "it is time"}


class Shop:
    """Experiments `exp-FLAG` on flags of their own, and what keeps their units apart."""

    def __init__(self, server: Server, contract: Contract) -> None:
        self.server = server
        self.client = Watched(server, contract)
        self.experiments, self.flags = ld.ExperimentsApi(self.client), ld.FeatureFlagsApi(self.client)
        self.layers, self.holdouts = ld.LayersApi(self.client), ld.HoldoutsApi(self.client)
        self.projects, self.environments = ld.ProjectsApi(self.client), ld.EnvironmentsApi(self.client)
        self.projects.post_project(ld.ProjectPost(key=PROJECT, name="A shop"))
        purchase = ld.MetricPost(key="purchase", kind="custom", event_key="purchase", is_numeric=False)
        ld.MetricsApi(self.client).post_metric(PROJECT, purchase)

    def experiment(self, key: str, **fields: Any) -> Any:
        self.flags.post_feature_flag(PROJECT, ld.FeatureFlagBody(key=key, name=key.title()))
        self.client.semantic(f"/api/v2/flags/{PROJECT}/{key}", ENVIRONMENT, {"kind": "turnFlagOn"})
        flag = self.flags.get_feature_flag(PROJECT, key, env=ENVIRONMENT)
        version = flag.environments[ENVIRONMENT].version
        arms = zip(("new", "old"), flag.variations, (False, True), strict=True)
        iteration = ld.IterationInput(
            hypothesis="It sells more",
            metrics=[ld.MetricInput(key="purchase")],
            primary_single_metric_key="purchase",
            randomization_unit="user",
            treatments=[
                ld.TreatmentInput(
                    name=name,
                    baseline=baseline,
                    allocation_percent="40",
                    parameters=[ld.TreatmentParameterInput(flag_key=key, variation_id=variation.id)],
                )
                for name, variation, baseline in arms
            ],
            flags={key: ld.FlagInput(rule_id="fallthrough", flag_config_version=version)},
        )
        post = ld.ExperimentPost(key=f"exp-{key}", name=key.title(), iteration=iteration, **fields)
        return self.experiments.create_experiment(PROJECT, ENVIRONMENT, post)

    def patch(self, key: str, *instructions: dict[str, Any]) -> Any:
        said = ld.ExperimentPatchInput(instructions=list(instructions))
        return self.experiments.patch_experiment(
            PROJECT, ENVIRONMENT, f"exp-{key}", said, _content_type=MEDIA
        )

    def reserve(self, **percents: int) -> Any:
        kind = "updateExperimentReservation"
        instructions = [
            {"kind": kind, "experimentKey": f"exp-{key}", "reservationPercent": percent}
            for key, percent in percents.items()
        ]
        said = ld.LayerPatchInput(environment_key=ENVIRONMENT, instructions=instructions)
        return self.layers.update_layer(PROJECT, "exclusive", said, _content_type=MEDIA)

    def patch_holdout(self, *instructions: dict[str, Any]) -> Any:
        said = ld.HoldoutPatchInput(instructions=list(instructions))
        return self.holdouts.patch_holdout(PROJECT, ENVIRONMENT, "q4", said, _content_type=MEDIA)

    def counted(self, *flags: str) -> dict[str, set[str]]:
        """Flag → keys of the users whom the SDK reports as in its experiment."""
        key = self.environments.get_environment(PROJECT, ENVIRONMENT).api_key
        answer = httpx.get(f"{self.server.url}/sdk/latest-all", headers={"Authorization": key})
        sdk = Published(answer.raise_for_status().json())
        users = [f"user-{number}" for number in range(UNITS)]
        return {
            flag: {
                user
                for user in users
                if sdk.decide(flag, {"kind": "user", "key": user})[2].get("inExperiment")
            }
            for flag in flags
        }


@pytest.fixture
def shop(place: Place, contract: Contract) -> Iterator[Shop]:
    with serving(place) as server:
        yield Shop(server, contract)


def test_layers_and_holdouts_reach_the_published_sdk(shop: Shop) -> None:
    holdout = shop.holdouts.post_holdout(
        PROJECT,
        ENVIRONMENT,
        ld.HoldoutPostRequest(
            key="q4",
            name="Fourth quarter",
            randomizationunit="user",
            holdoutamount="20",
            primarymetrickey="purchase",
        ),
    )
    assert (holdout.status, holdout.holdout_amount, holdout.base_experiment.type) == (
        "created",
        "20",
        "holdout",
    )
    for key in ("checkout", "banner"):
        assert shop.experiment(key, holdout_id=holdout.id).holdout_id == holdout.id
    assert shop.holdouts.get_holdout_by_id(PROJECT, ENVIRONMENT, holdout.id).status == "enabled"

    # in a layer, each with a part of its own
    post = ld.LayerPost(key="exclusive", name="Exclusive", description="One of them for each user")
    assert shop.layers.create_layer(PROJECT, post).key == "exclusive"
    layer = shop.reserve(checkout=30, banner=50)
    assert [each.reservation_percent for each in layer.environments[ENVIRONMENT].reservations] == [30, 50]
    (found,) = shop.layers.get_layers(PROJECT, filter="experimentKey:exp-banner").items
    assert found.key == "exclusive"
    with pytest.raises(ApiException) as refused:
        shop.reserve(checkout=51)
    assert refused.value.status == 400

    # they start, and the SDK keeps their users apart and those held out aside
    for key in ("checkout", "banner"):
        started = shop.patch(key, START)
        assert started.current_iteration.layer_snapshot.other_reservation_percent in (30, 50)
    met = shop.counted("checkout", "banner")
    assert not met["checkout"] & met["banner"]
    shares = [len(met[key]) / UNITS for key in ("checkout", "banner")]
    assert shares == pytest.approx([0.3 * 0.8 * 0.8, 0.5 * 0.8 * 0.8], abs=0.08)
    detail = shop.holdouts.get_holdout(PROJECT, ENVIRONMENT, "q4", expand="rel-treatments,treatments")
    assert (detail.status, detail.is_dirty) == ("running", True)
    assert {each.key for each in detail.related_experiments} == {"exp-checkout", "exp-banner"}

    # what runs only grows, from its next iteration on, and loses nobody
    with pytest.raises(ApiException) as refused:
        shop.reserve(checkout=10)
    assert refused.value.status == 409
    shop.reserve(checkout=50)
    assert shop.counted("checkout")["checkout"] == met["checkout"]
    again = {"kind": "saveAndStartNewIteration", "changeJustification": "more of the layer"}
    assert shop.patch("checkout", again).current_iteration.layer_snapshot.reservation_percent == 50
    grown = shop.counted("checkout", "banner")
    assert not grown["checkout"] & grown["banner"]
    assert grown["banner"] == met["banner"]
    assert len(grown["checkout"]) > len(met["checkout"])

    # the holdout ends: whoever runs goes on without those held out, until its next iteration
    assert shop.patch_holdout({"kind": "endHoldout"}).status == "ended"
    assert shop.counted("banner")["banner"] == met["banner"]
    shop.patch("banner", again)
    assert len(shop.counted("banner")["banner"]) > len(met["banner"])
    (listed,) = shop.holdouts.get_all_holdouts(PROJECT, ENVIRONMENT).items
    assert (listed.key, listed.status) == ("q4", "ended")
