"""`equipoise demo`: an experiment's life, driven by LaunchDarkly's own published client."""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import httpx
from rich.console import Console

START_SECONDS_MAX = 30
SEMANTIC = "application/json; domain-model=launchdarkly.semanticpatch"


def run(port: int, data: Path | None, serve: bool, console: Console) -> None:
    """The whole demonstration; with `serve`, the server stays up until Ctrl-C."""
    port = _free(port)
    folder = data or Path(mkdtemp(prefix="equipoise-demo-"))
    token = "api-" + secrets.token_urlsafe(32)
    console.rule("Equipoise: one experiment, driven by LaunchDarkly's published client")
    with _serving(port, folder, token) as url:
        console.print(f"The server runs at [bold]{url}[/], its state is in {folder}.\n")
        story = _Story(url, token, console)
        before = story.live()
    console.rule("The server is stopped and started again")
    with _serving(port, folder, token) as url:
        after = _Story(url, token, console, story.project).look()
        same = before == after
        console.print("[green]The same state, to the byte.[/]" if same else "[red]The state differs.[/]")
        if not same:
            sys.exit(1)
        if serve:
            _stay(url, token, story.project, console)


def _free(port: int) -> int:
    """The port, or a free one for 0; the demonstration talks to no server but its own."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            sys.exit(f"Port {port} is taken.\nNext: name another with --port, or 0 for any.")
        free: int = probe.getsockname()[1]
        return free


def _stay(url: str, token: str, project: str, console: Console) -> None:
    console.print(f"\nIt still serves at {url}. Try it (Ctrl-C ends it):")
    console.print(
        f"  curl -H 'Authorization: {token}' {url}/api/v2/projects/{project}/experiments", soft_wrap=True
    )
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        console.print("Stopped.")


@contextmanager
def _serving(port: int, data: Path, token: str) -> Iterator[str]:
    """A server of its own process, ready, and stopped in the end."""
    command = [sys.executable, "-m", "equipoise.cli", "serve", "--port", str(port), "--data", str(data)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EQUIPOISE_")}
    environment = {**kept, "EQUIPOISE_ADMIN_TOKEN": token}
    url = f"http://127.0.0.1:{port}"
    log = data.parent / f"{data.name}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait(url, process, log)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/readyz", timeout=1).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.05)
    sys.exit(f"The server did not start. It said:\n{log.read_text()}")


class _Story:
    """The steps of an experiment's life, each printed with its request, status and what came of it."""

    def __init__(self, url: str, token: str, console: Console, project: str = "") -> None:
        launchdarkly = _published_client()
        configuration = launchdarkly.Configuration(host=url)
        configuration.api_key["ApiKey"] = token
        self._ld, self._console, self._url, self._token = launchdarkly, console, url, token
        self._client = _printing(launchdarkly, console)(configuration)
        self._experiments = launchdarkly.ExperimentsApi(self._client)
        self.project = project or f"shop-{secrets.token_hex(3)}"

    def live(self) -> bytes:
        """From an empty project to an archived and restored experiment; its last document."""
        ld, project = self._ld, self.project
        ld.ProjectsApi(self._client).post_project(ld.ProjectPost(key=project, name="A small shop"))
        flag = self._flag()
        ld.MetricsApi(self._client).post_metric(
            project, ld.MetricPost(key="purchase", kind="custom", event_key="purchase", is_numeric=False)
        )
        self._create(flag)
        self._patch({"kind": "updateName", "value": "A shorter checkout"})
        self._patch({"kind": "updateDescription", "value": "Two steps instead of four."})
        self._patch(
            {
                "kind": "updateExperimentFields",
                "value": {"tags": {"operation": "add", "value": ["checkout", "q4"]}},
            }
        )
        self._patch({"kind": "startIteration", "changeJustification": "All is reviewed"})
        self._patch(
            {
                "kind": "saveAndStartNewIteration",
                "changeJustification": "A sharper hypothesis",
                "value": {"hypothesis": {"operation": "update", "value": "Two steps sell 5 % more"}},
            }
        )
        winner = flag.variations[0].id
        self._patch({"kind": "stopIteration", "winningTreatmentId": winner, "winningReason": "It sold more"})
        self._patch({"kind": "archiveExperiment"})
        self._patch({"kind": "restoreExperiment"})
        return self.look()

    def look(self) -> bytes:
        """The experiment and its flag as any client sees them now."""
        headers = {"Authorization": self._token}
        base = f"{self._url}/api/v2"
        expand = "previousIterations,draftIteration,treatments,analysisConfig,mutableFieldsByStatus"
        experiment = httpx.get(
            f"{base}/projects/{self.project}/environments/production/experiments/checkout",
            params={"expand": expand},
            headers=headers,
        ).raise_for_status()
        flag = httpx.get(f"{base}/flags/{self.project}/checkout", headers=headers).raise_for_status()
        line = _experiment_line(experiment.json())
        self._console.print(f"[bold]The experiment:[/] {line}", soft_wrap=True, highlight=False)
        config = flag.json()["environments"]["production"]
        served = json.dumps(config["fallthrough"])
        self._console.print(
            f"[bold]Its flag:[/] version {config['version']}, serves {served}\n", highlight=False
        )
        return experiment.content + flag.content

    def _flag(self) -> Any:
        ld = self._ld
        ld.FeatureFlagsApi(self._client).post_feature_flag(
            self.project, ld.FeatureFlagBody(key="checkout", name="Checkout in two steps")
        )
        # The typed client has no word for a semantic patch of a flag, so this goes through its call_api.
        body = {"environmentKey": "production", "instructions": [{"kind": "turnFlagOn"}]}
        self._client.call_api(
            "PATCH",
            f"{self._url}/api/v2/flags/{self.project}/checkout",
            header_params={"Authorization": self._token, "Content-Type": SEMANTIC},
            body=body,
        ).read()
        return ld.FeatureFlagsApi(self._client).get_feature_flag(self.project, "checkout", env="production")

    def _create(self, flag: Any) -> None:
        ld = self._ld
        on, off = (variation.id for variation in flag.variations)

        def arm(name: str, variation: str, baseline: bool) -> Any:
            parameter = ld.TreatmentParameterInput(flag_key="checkout", variation_id=variation)
            return ld.TreatmentInput(
                name=name, baseline=baseline, allocation_percent="50", parameters=[parameter]
            )

        version = flag.environments["production"].version
        iteration = ld.IterationInput(
            hypothesis="Fewer steps sell more",
            metrics=[ld.MetricInput(key="purchase")],
            primary_single_metric_key="purchase",
            randomization_unit="user",
            treatments=[arm("Four steps", off, True), arm("Two steps", on, False)],
            flags={"checkout": ld.FlagInput(rule_id="fallthrough", flag_config_version=version)},
        )
        self._experiments.create_experiment(
            self.project,
            "production",
            ld.ExperimentPost(key="checkout", name="Checkout", iteration=iteration),
        )

    def _patch(self, *instructions: dict[str, Any]) -> None:
        self._experiments.patch_experiment(
            self.project,
            "production",
            "checkout",
            self._ld.ExperimentPatchInput(instructions=list(instructions)),
            _content_type=SEMANTIC,
        )


def _published_client() -> Any:
    try:
        import launchdarkly_api
    except ImportError:
        sys.exit("The demonstration needs LaunchDarkly's client: pip install 'equipoise[demo]'")
    return launchdarkly_api


def _printing(launchdarkly: Any, console: Console) -> Any:
    """The published client, which also prints each exchange."""

    class Printing(launchdarkly.ApiClient):  # type: ignore[misc]
        def call_api(self, method: str, url: str, *args: Any, body: Any = None, **more: Any) -> Any:
            arguments = list(args)
            said = body if body is not None or len(arguments) < 2 else arguments[1]
            if body is not None:
                more["body"] = body
            response = super().call_api(method, url, *arguments, **more)
            response.read()
            _print_exchange(console, method, url, said, response)
            return response

    return Printing


def _print_exchange(console: Console, method: str, url: str, said: Any, response: Any) -> None:
    path = "/" + url.split("/", 3)[3]
    console.print(f"[bold cyan]{method}[/] {path}", soft_wrap=True, highlight=False)
    if said is not None:
        console.print("  " + json.dumps(said), style="dim", soft_wrap=True, highlight=False)
    color = "green" if response.status < 300 else "red"
    result = _summary(json.loads(response.data)) if response.data else ""
    console.print(f"  [{color}]{response.status}[/] {result}\n", soft_wrap=True, highlight=False)


def _summary(document: dict[str, Any]) -> str:
    """What a reader wants to know of the answer, in a line."""
    if "currentIteration" in document:
        return _experiment_line(document)
    if "environments" in document and "variations" in document:
        configs = document["environments"].values()
        parts = [
            f"{config['_environmentName']}: {'on' if config['on'] else 'off'}, version {config['version']}"
            for config in configs
        ]
        return f"flag {document['key']}; " + "; ".join(parts)
    return f"{document.get('key', '')} {document.get('name', '')}"


def _experiment_line(document: dict[str, Any]) -> str:
    iteration = document["currentIteration"]
    parts = [
        f"“{document['name']}” is [bold]{iteration['status']}[/]",
        f"hypothesis “{iteration['hypothesis']}”",
    ]
    if document.get("tags"):
        parts.append("tags " + ", ".join(document["tags"]))
    if iteration.get("winningTreatmentId"):
        parts.append(f"won by {iteration['winningTreatmentId']}")
    if document.get("previousIterations"):
        parts.append(f"{len(document['previousIterations'])} iteration before")
    if document.get("archivedDate"):
        parts.append("archived")
    return "; ".join(parts)
