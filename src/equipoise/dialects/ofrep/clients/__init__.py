"""OpenFeature's providers for this protocol. The code of each is in a file beside this."""

from functools import partial

from equipoise.application.clients import Client
from equipoise.application.serving import Key

_client = partial(Client, __name__)

CLIENTS = (
    _client("openfeature-python", "OpenFeature (OFREP) for Python", "pip install openfeature-provider-ofrep"),
    _client(
        "openfeature-node",
        "OpenFeature (OFREP) for Node.js",
        "npm install @openfeature/server-sdk @openfeature/ofrep-provider",
    ),
    _client(
        "openfeature-web",
        "OpenFeature (OFREP) for browsers",
        "npm install @openfeature/web-sdk @openfeature/ofrep-web-provider",
        Key.CLIENT,
    ),
)
