// A program of Vercel's client for Node, unmodified, in whichever version lies in the folder that is named. It does
// all that a provider can do, field by field where it matters; what its methods are called depends on the version.
// An installation is said as JSON. It prints what it saw, and fails when anything is not as expected.
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";

const [folder, url, said] = process.argv.slice(2);
const here = JSON.parse(said);
const load = (file) => import(pathToFileURL(`${folder}/@vercel/sdk/esm/${file}`).href);
const { Vercel } = await load("index.js");
const { HTTPClient } = await load("lib/http.js");

const exchanges = [];
const http = new HTTPClient({
  fetcher: async (request) => {
    const response = await fetch(request);
    const body = await response.clone().text();
    const path = new URL(request.url).pathname;
    exchanges.push({ method: request.method, path, status: response.status, body });
    return response;
  },
});
const connect = (bearerToken) => new Vercel({ bearerToken, serverURL: url, httpClient: http }).marketplace;
const market = connect(here.token);
const root = { integrationConfigurationId: here.id };
const shop = { ...root, resourceId: "shop" };
const refused = async (status, asked) => {
  const error = await asked.then(() => assert.fail(`expected ${status}`), (each) => each);
  assert.equal(error.statusCode, status, `${error}`);
  assert.equal(typeof JSON.parse(error.body).error.message, "string");
};
const method = (...names) => market[names.find((name) => name in market)].bind(market);
const store = {
  get: method(
    "getInstallationsByIntegrationConfigurationIdResourcesByResourceIdExperimentationGlobalConfig",
    "getInstallationsByIntegrationConfigurationIdResourcesByResourceIdExperimentationEdgeConfig",
  ),
  replace: method(
    "replaceInstallationsByIntegrationConfigurationIdResourcesByResourceIdExperimentationGlobalConfig",
    "updateInstallationIntegrationEdgeConfig",
  ),
  head: method(
    "headInstallationsByIntegrationConfigurationIdResourcesByResourceIdExperimentationGlobalConfig",
    "createInstallationIntegrationEdgeConfig",
  ),
};
const period = { start: new Date("2026-01-01T00:00:00Z"), end: new Date("2026-02-01T00:00:00Z") };
const dated = new Date("2026-01-31T12:00:00Z");
const plan = { id: "pro", type: "subscription", name: "Pro", details: [{ label: "Seats", value: "5" }] };

async function installations() {
  await market.updateInstallation({ ...root, requestBody: { billingPlan: plan, notification: { level: "warn", title: "Soon" } } });
  await market.updateInstallation({ ...root, requestBody: { notification: "" } });
  await market.updateInstallation({ ...root, requestBody: {} });
  const account = await market.getAccountInfo(root);
  assert.ok(account.url.startsWith("http"));
  const member = await market.getMember({ ...root, memberId: here.member });
  assert.deepEqual([member.id, member.role], [here.member, "ADMIN"]);
  await refused(404, market.getMember({ ...root, memberId: "nobody" }));
  await market.createEvent({ ...root, requestBody: { event: { type: "installation.updated", billingPlanId: "pro" } } });
  await refused(401, connect("ins-nobody").getAccountInfo(root));
  await refused(401, connect("").getAccountInfo(root));
  await refused(403, market.getAccountInfo({ integrationConfigurationId: here.foreign }));
}

async function resources() {
  const secrets = [{ name: "TOKEN", value: "s3cret", environmentOverrides: { preview: "other" } }];
  const whole = { productId: "experiments", name: "The shop", status: "ready", ownership: "linked", metadata: { region: "fra1", seats: 3, tags: ["a"] }, billingPlan: plan, notification: { level: "info", title: "Hello" }, extras: { any: [1] }, secrets };
  assert.equal((await market.importResource({ ...shop, requestBody: whole })).name, "The shop");
  await market.createEvent({ ...root, requestBody: { event: { type: "resource.updated", resourceId: "shop" } } });
  const odd = "team/ä b:1"; // path parameters are encoded, whatever they hold
  await market.importResource({ ...root, resourceId: odd, requestBody: { productId: "experiments", name: "Odd", status: "pending" } });
  assert.equal((await market.getIntegrationResource({ ...root, resourceId: odd })).id, odd);

  const shown = await market.getIntegrationResource(shop);
  assert.deepEqual([shown.name, shown.status, shown.billingPlanId], ["The shop", "ready", "pro"]);
  assert.deepEqual(shown.metadata, { region: "fra1", seats: 3, tags: ["a"] });
  assert.equal(shown.notification.title, "Hello");
  assert.ok(shown.protocolSettings.experimentation.edgeConfigId.startsWith("ecfg_"));
  const listed = (await market.getIntegrationResources(root)).resources;
  assert.deepEqual(listed.map((each) => each.partnerId), ["shop", odd]);

  const update = (requestBody) => market.updateResource({ ...shop, requestBody });
  assert.equal((await update({})).name, "The shop");
  assert.equal((await market.updateResource(shop)).name, "The shop"); // without a body
  for (const status of ["ready", "pending", "onboarding", "suspended", "resumed", "error"]) {
    await update({ status });
    assert.equal((await market.getIntegrationResource(shop)).status, status);
  }
  for (const ownership of ["owned", "sandbox", "linked"]) await update({ ownership });
  assert.equal((await update({ name: "", metadata: {}, extras: {}, notification: "" })).name, "");
  const bare = await market.getIntegrationResource(shop);
  assert.deepEqual([bare.name, bare.notification, bare.billingPlanId], ["", undefined, "pro"]);
  await update({ name: "Renamed", billingPlan: { ...plan, id: "max" }, secrets, metadata: { one: true } });
  await update({ secrets: { secrets: [{ name: "MORE", value: "" }], partial: true } });
  assert.equal((await market.getIntegrationResource(shop)).billingPlanId, "max");
  await market.updateResourceSecretsById({ ...shop, requestBody: { secrets, partial: true } });
  await market.updateResourceSecrets({ ...shop, integrationProductIdOrSlug: "experiments", requestBody: { secrets } });
  await refused(404, market.updateResource({ ...root, resourceId: "nowhere", requestBody: {} }));
  await refused(400, update({ notification: { level: "info", title: "t", href: "ftp://x" } }));

  await market.updateResource({ ...root, resourceId: odd, requestBody: { status: "uninstalled" } });
  await refused(409, market.updateResource({ ...root, resourceId: odd, requestBody: { name: "Back" } }));
  await market.deleteIntegrationResource({ ...root, resourceId: odd });
  await refused(404, market.getIntegrationResource({ ...root, resourceId: odd }));
}

async function items() {
  const create = (items, where = shop) => market.createInstallationIntegrationConfiguration({ ...where, requestBody: { items } });
  const patch = (itemId, requestBody) => market.updateInstallationIntegrationConfiguration({ ...shop, itemId, requestBody });
  const item = (id, more = {}) => ({ id, slug: id, origin: `https://provider.test/${encodeURIComponent(id)}`, ...more });
  const whole = { category: "flag", name: "A flag", description: "", isArchived: false, createdAt: 1700000000000, updatedAt: -1.5 };
  await create([]);
  await create([item("flag_1", whole), item("features:a/b", { name: "" }), item("flag_1", { ...whole, name: "Twice" })]);
  await create(Array.from({ length: 50 }, (_, index) => item(`many_${index}`, { category: "experiment" })));
  await refused(400, create(Array.from({ length: 51 }, (_, index) => item(`more_${index}`))));
  await refused(400, create([item("good"), item("bad", { name: "n".repeat(1025) })]));
  await create([item("long", { name: "n".repeat(1024), description: "d".repeat(1024), origin: "o".repeat(2048) })]);
  await refused(400, create([item("longer", { origin: "o".repeat(2049) })]));
  await refused(404, create([item("flag_1")], { ...root, resourceId: "nowhere" }));
  await patch("flag_1", { slug: "flag-one", origin: "https://provider.test/one" });
  await patch("flag_1", { slug: "flag-one", origin: "https://provider.test/one", description: "Told", isArchived: true, updatedAt: 2 });
  await patch("features:a/b", { slug: "", origin: "", name: "" });
  await refused(404, patch("nothing", { slug: "a", origin: "b" }));
  await market.deleteInstallationIntegrationConfiguration({ ...shop, itemId: "features:a/b" });
  await refused(404, market.deleteInstallationIntegrationConfiguration({ ...shop, itemId: "features:a/b" }));

  const ours = `equipoise:experiment:${here.experiment}`;
  await create([item(ours, { slug: here.experiment, category: "experiment", name: "Told by the provider" })]);
  await patch(ours, { slug: here.experiment, origin: "https://provider.test/ours", description: "Described" });
  await refused(400, patch(ours, { slug: "another", origin: "o" }));
  await refused(409, patch(ours, { slug: here.experiment, origin: "o", isArchived: true })); // it is running
  await refused(409, market.deleteInstallationIntegrationConfiguration({ ...shop, itemId: ours }));
  await refused(404, patch("equipoise:experiment:nowhere", { slug: "nowhere", origin: "o" }));
}

async function stores() {
  const empty = await store.get(shop);
  assert.deepEqual(empty.items, {});
  const data = { flags: { "new-login": true, price: 4.5, text: "é", none: null }, list: [1, "two"] };
  const pushed = await store.replace({ ...shop, requestBody: { data } });
  assert.deepEqual(pushed.items, data);
  const read = await store.get(shop);
  assert.deepEqual([read.digest, read.updatedAt], [pushed.digest, pushed.updatedAt]);
  assert.deepEqual((await store.replace({ ...shop, requestBody: { data } })).digest, pushed.digest);
  assert.notEqual((await store.replace({ ...shop, requestBody: { data: {} } })).digest, pushed.digest);
  await store.replace({ ...shop, requestBody: { data } });
  await refused(400, store.replace({ ...shop, requestBody: { data: { "a/b": 1 } } }));
  await refused(400, store.replace({ ...shop, requestBody: { data: { big: "x".repeat(512 * 1024) } } }));
  // The client parses the body that a HEAD does not have; the answer itself is looked at.
  await store.head(shop).catch((error) => assert.ok(error instanceof SyntaxError || /JSON/.test(`${error}`), `${error}`));
  assert.deepEqual([exchanges.at(-1).method, exchanges.at(-1).status], ["HEAD", 200]);
}

async function money() {
  const line = { billingPlanId: "pro", resourceId: "shop", name: "Seats", price: "0.60", quantity: 3, units: "seats", total: "1.80" };
  const usage = [{ resourceId: "shop", name: "Decisions", type: "total", units: "1", dayValue: 3, periodValue: 4.5 }];
  await market.submitBillingData({ ...root, requestBody: { timestamp: dated, eod: dated, period, billing: [line], usage } });
  await market.submitBillingData({ ...root, requestBody: { timestamp: dated, eod: dated, period, billing: { items: [line], discounts: [] }, usage } });
  const balances = [{ resourceId: "shop", credit: "12 Tokens", nameLabel: "Tokens", currencyValueInCents: 1250 }];
  await market.submitPrepaymentBalances({ ...root, requestBody: { timestamp: dated, balances } });
  const submit = (more = {}) => market.submitInvoice({ ...root, requestBody: { invoiceDate: dated, period, items: [line], ...more } });
  const invoice = await submit({ externalId: "first", memo: "Thanks", discounts: [{ billingPlanId: "pro", name: "Friend", amount: "0.30" }] });
  const shown = await market.getInvoice({ ...root, invoiceId: invoice.invoiceId });
  assert.deepEqual([shown.state, shown.total, shown.externalId], ["pending", "1.50", "first"]);
  await refused(409, submit({ externalId: "first" }));
  await refused(404, market.getInvoice({ ...root, invoiceId: "inv_nowhere" }));
  const act = (invoiceId, total) => market.updateInvoice({ ...root, invoiceId, requestBody: { action: "refund", reason: "Not needed", total } });
  await refused(409, act(invoice.invoiceId, "1.00"));
  const paid = await submit({ test: { validate: false, result: "paid" } });
  await refused(400, act(paid.invoiceId, "1.81"));
  await act(paid.invoiceId, "1.80");
  assert.equal((await market.getInvoice({ ...root, invoiceId: paid.invoiceId })).state, "refund_requested");
  const wrong = await submit({ test: { validate: true }, invoiceDate: new Date("2027-01-01T00:00:00Z") });
  assert.ok(wrong.validationErrors.length);
  await market.finalizeInstallation(root);
  await refused(409, submit());
}

async function credentials() {
  const client = { clientId: here.clientId, clientSecret: here.clientSecret };
  const known = await market.exchangeSsoToken({ ...client, code: here.code, grantType: "authorization_code" });
  await refused(403, market.exchangeSsoToken({ ...client, code: here.code, grantType: "authorization_code" }));
  if ("rotateInstallationCredential" in market) {
    const again = await market.exchangeSsoToken({ ...client, refreshToken: known.refreshToken, grantType: "refresh_token" });
    assert.notEqual(again.idToken, undefined);
    const rotated = await market.rotateInstallationCredential({ ...root, requestBody: { clientSecret: here.clientSecret } });
    assert.equal(rotated.tokenType, "oauth2-token");
    const next = connect(rotated.accessToken);
    const revoke = () => next.revokeInstallationCredential({ ...root, requestBody: { token: here.token, clientSecret: here.clientSecret } });
    assert.deepEqual(await revoke(), { revoked: true, alreadyRevoked: false });
    assert.deepEqual(await revoke(), { revoked: true, alreadyRevoked: true });
    await refused(401, market.getAccountInfo(root));
    await next.getAccountInfo(root);
    await refused(403, next.rotateInstallationCredential({ ...root, requestBody: { clientSecret: "another" } }));
  }
  return known.idToken;
}

await installations();
await resources();
await items();
await stores();
await money();
const identity = await credentials();
console.log(JSON.stringify({ exchanges, identity }));
