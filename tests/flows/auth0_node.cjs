// A program of Auth0's client for Node, 7.1.0, which knows one operation by name (advanceRamp); all others pass
// through its `fetch`. NODE_PATH leads to the client; an address and a client's id and secret are said.
// It prints what it saw, and fails when anything is not as expected.
"use strict";

const assert = require("node:assert/strict");
const { ManagementClient } = require("auth0");
const { ExperimentationClient } = require("auth0/experimentation");

const [url, clientId, clientSecret] = process.argv.slice(2);
const origin = new URL(url);
const base = `https://${origin.host}/api/v2/experimentation`;
const seen = { exchanges: [], statuses: [] };

// The client speaks to https alone. What it sends goes out to the server as it is, over http.
async function plainly(input, init) {
  const target = new URL(input);
  target.protocol = origin.protocol;
  const response = await fetch(target, init);
  const body = await response.clone().text();
  seen.exchanges.push({ method: init.method, path: target.pathname, status: response.status, body });
  return response;
}

const client = new ManagementClient({ domain: origin.host, clientId, clientSecret, fetch: plainly });

async function ask(method, path, body, expected = 200) {
  const headers = { "Content-Type": "application/json" };
  const response = await client.fetch(base + path, { method, headers, body: JSON.stringify(body) });
  const text = await response.text();
  assert.equal(response.status, expected, `${method} ${path}: ${text}`);
  assert.ok(response.headers.get("X-RateLimit-Reset"));
  return text ? JSON.parse(text) : null;
}

async function aFlag() {
  const parameters = { steps: { type: "number", value: 4 }, title: { type: "string", value: "Pay" } };
  const flag = await ask("POST", "/feature-flags", { name: "Checkout", parameters }, 201);
  const path = `/feature-flags/${flag.id}`;
  const control = await ask("POST", `${path}/variations`, { name: "Control", overrides: {} }, 201);
  const overrides = { steps: { value: 1 } };
  const treatment = await ask("POST", `${path}/variations`, { name: "Fewer", overrides }, 201);
  assert.deepEqual(treatment.overrides, overrides);
  assert.equal((await ask("PATCH", path, { status: "active" })).status, "active");
  assert.equal((await ask("GET", path)).name, "Checkout");
  assert.equal((await ask("GET", "/feature-flags?type=self&status=active")).feature_flags.length, 1);
  assert.equal((await ask("GET", `${path}/variations`)).variations.length, 2);
  const renamed = await ask("PATCH", `${path}/variations/${treatment.id}`, { name: "Only one" });
  assert.deepEqual(await ask("GET", `${path}/variations/${treatment.id}`), renamed);
  return { id: flag.id, path, control: control.id, treatment: treatment.id };
}

async function aSegment() {
  const rules = [{ match: { country: ["AT", "DE"] }, not_match: { browser: { contains: ["bot"] } } }];
  const made = await ask("POST", "/segments", { name: "Neighbours", rules }, 201);
  const path = `/segments/${made.id}`;
  assert.deepEqual((await ask("GET", path)).rules, rules);
  assert.equal((await ask("PATCH", path, { description: "Next door" })).description, "Next door");
  assert.equal((await ask("GET", "/segments?take=1")).segments[0].id, made.id);
  return { id: made.id, path };
}

// By percentage: both ways to move on, and what is refused with its code.
async function aLife(flag) {
  const weighted = (weight) => [
    { variation_id: flag.control, is_control: true, weight: 100 - weight },
    { variation_id: flag.treatment, is_control: false, weight },
  ];
  const said = { name: "Fewer steps", feature_flag_id: flag.id, authentication_flow: "authentication" };
  const body = { ...said, allocation_strategy: "percentage", allocations: weighted(50) };
  const made = await ask("POST", "/experiments", body, 201);
  const path = `/experiments/${made.id}`;
  assert.equal((await ask("POST", "/experiments", body, 409)).errorCode, "name_already_exists");
  assert.deepEqual(await ask("POST", `${path}/validate`), { is_valid: true, errors: [] });
  const move = async (way, status) =>
    seen.statuses.push((await ask(way, way === "POST" ? `${path}/status` : path, { status })).status);
  await move("PATCH", "active");
  const refused = await ask("PATCH", path, { allocations: weighted(10) }, 400);
  assert.equal(refused.errorCode, "experiment_requires_pause");
  await move("POST", "paused");
  assert.equal((await ask("PATCH", path, { allocations: weighted(10) })).allocations[1].weight, 10);
  await move("PATCH", "active");
  await move("POST", "completed");
  await move("PATCH", "archived");
  assert.deepEqual((await ask("GET", "/experiments")).experiments, []);
  assert.equal((await ask("GET", path)).status, "archived");
}

// The one operation that this version has by name.
async function aRamp(flag) {
  const allocations = [
    { variation_id: flag.control, is_control: true },
    { variation_id: flag.treatment, is_control: false },
  ];
  const said = { name: "Ramped", feature_flag_id: flag.id, authentication_flow: "login" };
  const { id } = await ask("POST", "/experiments", { ...said, allocations, levels: [10, 25, 50] }, 201);
  await ask("PATCH", `/experiments/${id}`, { status: "active" });
  const typed = new ExperimentationClient({ baseUrl: `${url}/api/v2`, token: granted, fetch: plainly });
  const stepped = await typed.experiments.advanceRamp(id, { target_level: 25 });
  assert.deepEqual(stepped, { experiment_id: id, from_level: 10, to_level: 25, current_level: 25 });
  assert.deepEqual(await client.experimentation.experiments.advanceRamp(id, { target_level: 25 }), {
    ...stepped,
    from_level: 25,
  });
  await assert.rejects(typed.experiments.advanceRamp(id, { target_level: 10 }), (error) => {
    assert.equal(error.constructor.name, "ConflictError");
    assert.equal(error.body.errorCode, "invalid_target_level");
    return error.statusCode === 409;
  });
  await assert.rejects(typed.experiments.advanceRamp("exp_none", { target_level: 10 }), { statusCode: 404 });
  await ask("PATCH", `/experiments/${id}`, { status: "completed" });
  await ask("DELETE", `/experiments/${id}`, undefined, 204);
  return stepped;
}

// An access token for the client that is made with one.
async function granted() {
  const form = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret };
  const response = await fetch(`${url}/oauth/token`, { method: "POST", body: new URLSearchParams(form) });
  assert.equal(response.status, 200);
  return (await response.json()).access_token;
}

async function main() {
  const flag = await aFlag();
  const segment = await aSegment();
  await aLife(flag);
  seen.ramp = await aRamp(flag);
  await ask("DELETE", segment.path, undefined, 204);
  await ask("DELETE", segment.path, undefined, 204);
  await ask("GET", segment.path, undefined, 404);
  assert.equal((await ask("POST", `${flag.path}/status`, { status: "archived" })).status, "archived");
  const parameters = { dark: { type: "boolean", value: false } };
  const spare = await ask("POST", "/feature-flags", { name: "Spare", parameters }, 201);
  const path = `/feature-flags/${spare.id}`;
  const variation = await ask("POST", `${path}/variations`, { name: "Light", overrides: {} }, 201);
  await ask("DELETE", `${path}/variations/${variation.id}`, undefined, 204);
  await ask("DELETE", path, undefined, 204);
  console.log(JSON.stringify(seen));
}

main();
