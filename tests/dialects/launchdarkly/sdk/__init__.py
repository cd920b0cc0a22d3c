"""Tests of what server-side SDKs are given."""
