"""LaunchDarkly's SDKs, and a client of its REST API. The code of each is in a file beside this."""

from functools import partial

from equipoise.application.clients import Client
from equipoise.application.serving import Key

_client = partial(Client, __name__)

CLIENTS = (
    _client("launchdarkly-python", "LaunchDarkly for Python", "pip install launchdarkly-server-sdk"),
    _client("launchdarkly-node", "LaunchDarkly for Node.js", "npm install @launchdarkly/node-server-sdk"),
    _client(
        "launchdarkly-browser",
        "LaunchDarkly for browsers",
        "npm install @launchdarkly/js-client-sdk",
        Key.CLIENT,
    ),
    _client("launchdarkly-java", "LaunchDarkly for Java", "com.launchdarkly:launchdarkly-java-server-sdk"),
    _client("launchdarkly-go", "LaunchDarkly for Go", "go get github.com/launchdarkly/go-server-sdk/v7"),
    _client("launchdarkly-dotnet", "LaunchDarkly for .NET", "dotnet add package LaunchDarkly.ServerSdk"),
    _client("launchdarkly-ruby", "LaunchDarkly for Ruby", "gem install launchdarkly-server-sdk"),
    _client(
        "launchdarkly-android",
        "LaunchDarkly for Android",
        "com.launchdarkly:launchdarkly-android-client-sdk",
        Key.MOBILE,
    ),
    _client(
        "launchdarkly-ios",
        "LaunchDarkly for iOS",
        "https://github.com/launchdarkly/ios-client-sdk",
        Key.MOBILE,
    ),
    _client("launchdarkly-rest", "LaunchDarkly's REST API", "pip install launchdarkly-api", None),
)
