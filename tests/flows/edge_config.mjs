// A program of Vercel's client for reading config stores, unmodified. A connection string is said, and one of another
// store with this one's token. It prints what it read.
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";

const [folder, connection, key, missing] = process.argv.slice(2);
const { createClient } = await import(pathToFileURL(`${folder}/@vercel/edge-config/dist/index.js`).href);
const client = createClient(connection);
const seen = {
  item: await client.get(key),
  absent: (await client.get(missing)) === undefined,
  has: [await client.has(key), await client.has(missing)],
  all: await client.getAll(),
  some: await client.getAll([key, missing]),
  digest: await client.digest(),
  consistent: await client.get(key, { consistentRead: true }),
};
const closed = createClient(`${connection.split("?")[0]}?token=cfg-nobody`, { cache: "no-store" });
await assert.rejects(closed.get(key), /Unauthorized/);
const nowhere = new URL(connection);
nowhere.pathname = "/ecfg_000000000000000000000000";
await assert.rejects(createClient(nowhere.href, { cache: "no-store" }).get(key), /Unauthorized|not found/i);
console.log(JSON.stringify(seen));
