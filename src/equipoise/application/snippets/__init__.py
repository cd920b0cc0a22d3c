"""Code that connects each client, a file for each: `$url` and the keys are filled in.

A file is named for its client (`.txt`, since it is no module of ours). The names of options are those of the
published clients.
"""

from collections.abc import Mapping
from importlib.resources import files
from string import Template

from msgspec import Struct

from equipoise.application.serving import Key


class Client(Struct, frozen=True):
    """A client, and how it is installed.

    key  the kind of key that it takes; None where it takes a token
    """

    name: str
    title: str
    install: str
    key: Key | None = Key.SERVER


CLIENTS = (
    Client("equipoise-python", "Equipoise for Python", "pip install equipoise"),
    Client(
        "launchdarkly-python",
        "LaunchDarkly for Python",
        "pip install launchdarkly-server-sdk",
    ),
    Client(
        "launchdarkly-node",
        "LaunchDarkly for Node.js",
        "npm install @launchdarkly/node-server-sdk",
    ),
    Client(
        "launchdarkly-browser",
        "LaunchDarkly for browsers",
        "npm install @launchdarkly/js-client-sdk",
        Key.CLIENT,
    ),
    Client(
        "launchdarkly-java",
        "LaunchDarkly for Java",
        "com.launchdarkly:launchdarkly-java-server-sdk",
    ),
    Client(
        "launchdarkly-go",
        "LaunchDarkly for Go",
        "go get github.com/launchdarkly/go-server-sdk/v7",
    ),
    Client(
        "launchdarkly-dotnet",
        "LaunchDarkly for .NET",
        "dotnet add package LaunchDarkly.ServerSdk",
    ),
    Client(
        "launchdarkly-ruby",
        "LaunchDarkly for Ruby",
        "gem install launchdarkly-server-sdk",
    ),
    Client(
        "launchdarkly-android",
        "LaunchDarkly for Android",
        "com.launchdarkly:launchdarkly-android-client-sdk",
        Key.MOBILE,
    ),
    Client(
        "launchdarkly-ios",
        "LaunchDarkly for iOS",
        "https://github.com/launchdarkly/ios-client-sdk",
        Key.MOBILE,
    ),
    Client(
        "openfeature-python",
        "OpenFeature (OFREP) for Python",
        "pip install openfeature-provider-ofrep",
    ),
    Client(
        "openfeature-node",
        "OpenFeature (OFREP) for Node.js",
        "npm install @openfeature/server-sdk @openfeature/ofrep-provider",
    ),
    Client(
        "openfeature-web",
        "OpenFeature (OFREP) for browsers",
        "npm install @openfeature/web-sdk @openfeature/ofrep-web-provider",
        Key.CLIENT,
    ),
    Client(
        "launchdarkly-rest",
        "LaunchDarkly's REST API",
        "pip install launchdarkly-api",
        None,
    ),
    Client("auth0", "Auth0's Experiment Center", "pip install auth0-python", None),
    Client("vercel", "Vercel's Marketplace", "npm install @vercel/sdk", None),
)


def filled(client: Client, said: Mapping[str, str]) -> str:
    """The code of a client, with what is said put in."""
    text = files(__name__).joinpath(f"{client.name}.txt").read_text("utf-8")
    return Template(text).substitute(said).rstrip()
