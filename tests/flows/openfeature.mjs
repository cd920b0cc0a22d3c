// A program of OpenFeature's provider for Node, unmodified. An address, an SDK key and a unit are said; it prints what
// it was told, and fails when anything is not as expected.
import assert from "node:assert/strict";
import { createRequire } from "node:module";

const [folder, baseUrl, key, unit] = process.argv.slice(2);
const load = createRequire(`${folder}/`);
const { OpenFeature, ErrorCode } = load("@openfeature/server-sdk");
const { OFREPProvider } = load("@openfeature/ofrep-provider");

async function clientOf(secret) {
  const provider = new OFREPProvider({ baseUrl, headers: [["Authorization", `Bearer ${secret}`]] });
  await OpenFeature.setProviderAndWait(secret, provider);
  return OpenFeature.getClient(secret, { targetingKey: unit, plan: "gold" });
}

const client = await clientOf(key);
const told = {
  switch: await client.getBooleanDetails("switch", false),
  colour: await client.getStringDetails("colour", "none"),
  count: await client.getNumberDetails("count", 0),
  price: await client.getNumberDetails("price", 0),
  layout: await client.getObjectDetails("layout", {}),
  named: await client.getBooleanDetails("a.b_c-d", false),
  arm: await client.getBooleanDetails("checkout", false),
};
const missing = await client.getBooleanDetails("no-such-flag", true);
assert.deepEqual([missing.value, missing.errorCode], [true, ErrorCode.FLAG_NOT_FOUND]);
const nobody = await client.getStringDetails("colour", "none", { targetingKey: "" });
assert.deepEqual([nobody.value, nobody.errorCode], ["none", ErrorCode.TARGETING_KEY_MISSING]);
const stranger = await (await clientOf("sdk-nobody")).getStringDetails("colour", "none");
assert.deepEqual([stranger.value, stranger.errorCode], ["none", ErrorCode.GENERAL]);
console.log(JSON.stringify(told));
