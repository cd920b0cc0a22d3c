"""The contract of Auth0's Experiment Center, both generations."""

from tests.contracts.openapi import OpenApi, shared

PREFIX = "/api/v2"
CONTRACT = OpenApi(shared(), "auth0-experimentation.openapi.json", "Error", PREFIX)
