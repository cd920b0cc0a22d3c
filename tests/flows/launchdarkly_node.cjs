// LaunchDarkly's published SDK for Node, unmodified. It is told where the server is, and then, line by line, what to
// call: {"call": "variation", "with": [...]}. Each line is answered with what came of it. `details` is ours: what each
// of these flags serves each of these contexts.
const { createInterface } = require("node:readline");
const { createRequire } = require("node:module");

const [folder, url, key, options] = process.argv.slice(2);
const { init } = createRequire(`${folder}/`)("@launchdarkly/node-server-sdk");
const quiet = { debug() {}, info() {}, warn() {}, error: (...words) => console.error(...words) };
const client = init(key, {
  baseUri: url,
  streamUri: url,
  eventsUri: url,
  flushInterval: 3600,
  streamInitialReconnectDelay: 0.1,
  logger: quiet,
  ...JSON.parse(options),
});
const say = (answer) => console.log(JSON.stringify(answer ?? null));
const detail = async (flag, context) => {
  const { value, variationIndex, reason } = await client.variationDetail(flag, context, null);
  return [value, variationIndex ?? null, reason];
};
const details = (flags, contexts) =>
  Promise.all(contexts.map((context) => Promise.all(flags.map((flag) => detail(flag, context)))));

(async () => {
  await client.waitForInitialization({ timeout: 20 });
  say("ready");
  for await (const line of createInterface({ input: process.stdin })) {
    const { call, with: given } = JSON.parse(line);
    say(await (call === "details" ? details(...given) : client[call](...given)));
  }
  client.close();
})();
