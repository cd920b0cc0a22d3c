"""The contract of Vercel's marketplace, as providers speak to it."""

from tests.contracts.openapi import OpenApi, shared

CONTRACT = OpenApi(shared(), "vercel-marketplace.openapi.json", "VercelError")
