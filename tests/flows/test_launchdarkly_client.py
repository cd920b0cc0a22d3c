"""LaunchDarkly's published REST client, unmodified, drives an experiment through its life.

Every answer passes the client's own strict models and the published contract.
"""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import launchdarkly_api
import pytest
from launchdarkly_api.exceptions import ApiException

from tests.contracts.launchdarkly import Contract
from tests.flows.shop import SEMANTIC
from tests.served import Place, Server, serving

# Its models take snake case as well as the wire's names, of which its type hints know only the latter.
ld: Any = launchdarkly_api
PROJECT, ENVIRONMENT, FLAG, EXPERIMENT = "shop", "production", "checkout", "faster-checkout"


class Watched(launchdarkly_api.ApiClient):
    """The client, watched: each exchange is held against the contract as it passes."""

    def __init__(self, server: Server, contract: Contract) -> None:
        configuration = ld.Configuration(host=server.url)
        configuration.api_key["ApiKey"] = server.token
        super().__init__(configuration)
        self.contract = contract
        self.exchanges: list[tuple[str, str, int]] = []

    def call_api(self, method: str, url: str, *args: Any, **more: Any) -> Any:
        response = super().call_api(method, url, *args, **more)
        body: bytes = response.read()  # type: ignore[no-untyped-call]
        path = urlsplit(url).path
        self.exchanges.append((method, path, response.status))
        self.contract.check(method, path, response.status, body)
        return response

    def semantic(self, path: str, environment: str, *instructions: dict[str, Any]) -> Any:
        """What the typed client has no word for: a semantic patch of a flag."""
        response = self.call_api(
            "PATCH",
            self.configuration.host + path,
            {"Authorization": self.configuration.api_key["ApiKey"], **SEMANTIC},
            {"environmentKey": environment, "instructions": list(instructions)},
        )
        assert response.status == 200, response.data
        return json.loads(response.data)


class Life:
    """The client with what the life of one experiment needs."""

    def __init__(self, server: Server, contract: Contract) -> None:
        self.client = Watched(server, contract)
        self.experiments = ld.ExperimentsApi(self.client)
        self.flags = ld.FeatureFlagsApi(self.client)
        self.metrics = ld.MetricsApi(self.client)
        self.projects = ld.ProjectsApi(self.client)

    def prepare(self) -> None:
        made = self.projects.post_project(ld.ProjectPost(key=PROJECT, name="A shop"))
        assert {environment.key for environment in made.environments} == {"test", "production"}
        self.flags.post_feature_flag(PROJECT, ld.FeatureFlagBody(key=FLAG, name="Checkout"))
        self.client.semantic(f"/api/v2/flags/{PROJECT}/{FLAG}", ENVIRONMENT, {"kind": "turnFlagOn"})
        for key in ("purchase", "basket"):
            self.metrics.post_metric(
                PROJECT, ld.MetricPost(key=key, kind="custom", event_key=key, is_numeric=False)
            )

    def flag(self) -> Any:
        return self.flags.get_feature_flag(PROJECT, FLAG, env=ENVIRONMENT)

    def iteration(self, percents: tuple[str, str] = ("50", "50")) -> Any:
        flag = self.flag()
        arms = zip(("new", "old"), flag.variations, percents, (False, True), strict=True)
        return ld.IterationInput(
            hypothesis="A faster checkout sells more",
            metrics=[ld.MetricInput(key="purchase")],
            primary_single_metric_key="purchase",
            randomization_unit="user",
            treatments=[
                ld.TreatmentInput(
                    name=name,
                    baseline=baseline,
                    allocation_percent=percent,
                    parameters=[ld.TreatmentParameterInput(flag_key=FLAG, variation_id=variation.id)],
                )
                for name, variation, percent, baseline in arms
            ],
            flags={
                FLAG: ld.FlagInput(
                    rule_id="fallthrough", flag_config_version=flag.environments[ENVIRONMENT].version
                )
            },
        )

    def create(self) -> Any:
        post = ld.ExperimentPost(key=EXPERIMENT, name="Faster checkout", iteration=self.iteration())
        return self.experiments.create_experiment(PROJECT, ENVIRONMENT, post)

    def get(self, expand: str | None = None) -> Any:
        return self.experiments.get_experiment(PROJECT, ENVIRONMENT, EXPERIMENT, expand=expand)

    def patch(self, *instructions: dict[str, Any], semantic: bool = True, comment: str | None = None) -> Any:
        said = ld.ExperimentPatchInput(instructions=list(instructions), comment=comment)
        media = SEMANTIC["Content-Type"] if semantic else None
        return self.experiments.patch_experiment(PROJECT, ENVIRONMENT, EXPERIMENT, said, _content_type=media)


@pytest.fixture
def life(place: Place, contract: Contract) -> Iterator[Life]:
    with serving(place) as server:
        life = Life(server, contract)
        life.prepare()
        yield life


def fields(**updates: tuple[str, Any]) -> dict[str, Any]:
    return {field: {"operation": operation, "value": value} for field, (operation, value) in updates.items()}


def test_the_published_client_drives_an_experiment_through_its_whole_life(life: Life) -> None:
    before = life.flag().environments[ENVIRONMENT]
    made = life.create()
    assert made.current_iteration.status == "not_started"
    assert made.maintainer_id

    # names and fields, with either content type
    assert life.patch({"kind": "updateName", "value": "Even faster"}).name == "Even faster"
    assert life.patch({"kind": "updateDescription", "value": "Two steps"}, semantic=False).description
    value = fields(tags=("add", ["checkout"]), attributes=("update", ["country"]))
    edited = life.patch({"kind": "updateExperimentFields", "value": value}, comment="for the slices")
    assert edited.tags == ["checkout"]
    assert edited.current_iteration.attributes == ["country"]

    # start: the flag carries the rollout, its version grows
    started = life.patch({"kind": "startIteration", "changeJustification": "reviewed"})
    assert started.current_iteration.status == "running"
    running = life.flag().environments[ENVIRONMENT]
    assert running.version > before.version
    assert running.fallthrough.rollout.experiment_allocation.can_reshuffle is True
    first_seed = running.fallthrough.rollout.seed
    assert [weighted.weight for weighted in running.fallthrough.rollout.variations][:2] == [50_000, 50_000]

    # its targeting is owned by the experiment
    with pytest.raises(ApiException) as refused:
        life.flags.patch_feature_flag(
            PROJECT,
            FLAG,
            ld.PatchWithComment(
                patch=[
                    ld.PatchOperation(
                        op="replace",
                        path=f"/environments/{ENVIRONMENT}/fallthrough",
                        value={"variation": 0},
                    )
                ]
            ),
        )
    assert refused.value.status == 409

    # metrics may be added while it runs; a new iteration has a new seed
    added = life.patch(
        {"kind": "updateExperimentFields", "value": fields(metrics=("add", [{"key": "basket"}]))}
    )
    assert [metric.key for metric in added.current_iteration.metrics] == ["purchase", "basket"]
    again = life.patch(
        {
            "kind": "saveAndStartNewIteration",
            "changeJustification": "sharper",
            "value": fields(hypothesis=("update", "Sells 5 % more")),
        }
    )
    assert again.current_iteration.hypothesis == "Sells 5 % more"
    assert [each.status for each in again.previous_iterations] == ["stopped"]
    assert life.flag().environments[ENVIRONMENT].fallthrough.rollout.seed != first_seed

    # a draft made beside the running iteration, and started over it
    draft = life.experiments.create_iteration(PROJECT, ENVIRONMENT, EXPERIMENT, life.iteration(("20", "80")))
    assert draft.status == "not_started"
    assert life.get("draftIteration").draft_iteration.id == draft.id
    over = life.patch({"kind": "startIteration", "changeJustification": "less risk"})
    assert over.current_iteration.id == draft.id
    assert {each.allocation_percent for each in over.current_iteration.treatments} == {"20", "80"}

    # stop with a winner: the rule serves it
    winner = life.get("treatments").current_iteration.treatments[0]
    stopped = life.patch(
        {"kind": "stopIteration", "winningTreatmentId": winner.id, "winningReason": "it sold more"}
    )
    assert stopped.current_iteration.status == "stopped"
    assert stopped.current_iteration.winning_treatment_id == winner.id
    flag = life.flag()
    served = flag.environments[ENVIRONMENT].fallthrough
    assert served.rollout is None
    assert flag.variations[served.variation].id == winner.id

    # lists, filters, expansion
    assert life.experiments.get_experiments(PROJECT, ENVIRONMENT).total_count == 1
    found = life.experiments.get_experiments_any_env(
        PROJECT, filter=f"flagKey:{FLAG},metricKey:basket,status:stopped", expand="treatments"
    )
    assert [each.key for each in found.items] == []  # the iteration that ran last measures one metric
    found = life.experiments.get_experiments_any_env(
        PROJECT, filter=f"flagKey:{FLAG},metricKey:purchase,status:stopped", expand="treatments"
    )
    assert [each.key for each in found.items] == [EXPERIMENT]
    assert found.items[0].current_iteration.treatments
    assert life.get().previous_iterations is None
    whole = life.get("previousIterations,treatments,mutableFieldsByStatus")
    assert len(whole.previous_iterations) == 2
    assert whole.mutable_fields_by_status.running["metrics"] == ["add"]

    # archived: hidden, and closed to everything but its restoration
    assert life.patch({"kind": "archiveExperiment"}).archived_date
    assert life.experiments.get_experiments(PROJECT, ENVIRONMENT).items == []
    archived = life.experiments.get_experiments(PROJECT, ENVIRONMENT, lifecycle_state="archived")
    assert [each.key for each in archived.items] == [EXPERIMENT]
    with pytest.raises(ApiException) as closed:
        life.patch({"kind": "updateName", "value": "no"})
    assert closed.value.status == 400
    assert life.patch({"kind": "restoreExperiment"}).archived_date is None

    operations = {(method, status) for method, _, status in life.client.exchanges}
    assert {("POST", 201), ("PATCH", 200), ("PATCH", 409), ("PATCH", 400), ("GET", 200)} <= operations


def test_the_published_client_manages_all_that_an_experiment_needs(life: Life) -> None:
    client = life.client
    environments, contexts = ld.EnvironmentsApi(client), ld.ContextsApi(client)
    tokens, other = ld.AccessTokensApi(client), ld.OtherApi(client)

    # projects and environments
    assert PROJECT in {project.key for project in life.projects.get_projects().items}
    expanded = life.projects.get_project(PROJECT, expand="environments")
    assert expanded.environments.total_count == 2
    renamed = life.projects.patch_project(PROJECT, [operation("replace", "/name", "The shop")])
    assert renamed.name == "The shop"
    staging = environments.post_environment(
        PROJECT, ld.EnvironmentPost(key="staging", name="Staging", color="00ff00")
    )
    assert staging.api_key.startswith("sdk-")
    reset = environments.reset_environment_sdk_key(PROJECT, "staging")
    assert reset.api_key != staging.api_key
    assert environments.reset_environment_mobile_key(PROJECT, "staging").mobile_key != staging.mobile_key
    patched = environments.patch_environment(PROJECT, "staging", [operation("replace", "/critical", True)])
    assert patched.critical is True
    assert environments.get_environments_by_project(PROJECT).total_count == 3
    assert environments.get_environment(PROJECT, "staging").key == "staging"
    environments.delete_environment(PROJECT, "staging")

    # context kinds and the units of experiments
    contexts.put_context_kind(PROJECT, "company", ld.UpsertContextKindPayload(name="Company"))
    assert "company" in {kind.key for kind in contexts.get_context_kinds_by_project_key(PROJECT).items}
    units = [ld.RandomizationUnitInput(randomization_unit="company", default=True)]
    put = life.experiments.put_experimentation_settings(
        PROJECT, ld.RandomizationSettingsPut(randomization_units=units)
    )
    assert [unit.randomization_unit for unit in put.randomization_units] == ["company"]
    assert life.experiments.get_experimentation_settings(PROJECT).randomization_units[0].default is True

    # flags
    sizes = [ld.Variation(value="small"), ld.Variation(value="medium")]
    flag = life.flags.post_feature_flag(
        PROJECT, ld.FeatureFlagBody(key="banner", name="Banner", tags=["a"], variations=sizes)
    )
    assert [variation.value for variation in flag.variations] == ["small", "medium"]
    said = ld.PatchWithComment(
        patch=[operation("replace", "/description", "On top"), operation("add", "/tags/-", "b")],
        comment="why",
    )
    assert life.flags.patch_feature_flag(PROJECT, "banner", said).tags == ["a", "b"]
    path = f"/api/v2/flags/{PROJECT}/banner"
    added = client.semantic(path, "test", {"kind": "addVariation", "value": "large", "name": "Large"})
    assert len(added["variations"]) == 3
    chosen = added["variations"][1]["_id"]
    client.semantic(
        path,
        "test",
        {"kind": "updateFallthroughVariationOrRollout", "variationId": chosen},
        {"kind": "turnFlagOn"},
    )
    assert life.flags.get_feature_flags(PROJECT, tag="b").total_count == 1
    assert life.flags.get_feature_flag(PROJECT, "banner", env="test").environments["test"].on is True
    life.flags.delete_feature_flag(PROJECT, "banner")

    # metrics
    assert life.metrics.get_metrics(PROJECT).total_count == 2
    metric = life.metrics.patch_metric(PROJECT, "basket", [operation("replace", "/name", "Basket size")])
    assert metric.name == "Basket size"
    assert life.metrics.get_metric(PROJECT, "basket").version_id == metric.version_id
    life.metrics.delete_metric(PROJECT, "basket")

    # tokens: the secret is shown once
    token = tokens.post_token(ld.AccessTokenPost(name="ci", role="reader"))
    assert token.token
    assert tokens.get_token(token.id).token != token.token
    assert token.id in {each.id for each in tokens.get_tokens(show_all=True).items}
    assert tokens.patch_token(token.id, [operation("replace", "/name", "robot")]).name == "robot"
    assert tokens.reset_token(token.id).token != token.token
    tokens.delete_token(token.id)

    assert other.get_root().links
    assert other.get_caller_identity().token_id
    life.projects.delete_project(PROJECT)
    with pytest.raises(ApiException) as gone:
        life.projects.get_project(PROJECT)
    assert gone.value.status == 404


def operation(op: str, path: str, value: Any) -> Any:
    return ld.PatchOperation(op=op, path=path, value=value)


def test_what_the_client_is_refused_it_is_refused_in_its_own_words(life: Life) -> None:
    life.create()
    with pytest.raises(ApiException) as unknown:
        life.patch({"kind": "updateName", "value": 3}, {"kind": "levitate"})
    assert unknown.value.status == 400
    said = json.loads(unknown.value.body or "")
    assert said["code"] == "invalid_request"
    assert "instructions[0]" in said["message"]
    assert "levitate" in said["message"]
    life.client.configuration.api_key["ApiKey"] = "api-nobody"
    with pytest.raises(ApiException) as stranger:
        life.get()
    assert stranger.value.status == 401
