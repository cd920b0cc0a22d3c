// OpenFeature's provider for browsers, unmodified, on a page of another origin than the server's. `window.shop` says where
// the server is, the client-side id and the unit; `window.told` is what the page was told, and how often it changed.
import { OpenFeature, ProviderEvents } from "@openfeature/web-sdk";
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";

const { url, id, unit } = window.shop;
const headers = [["Authorization", `Bearer ${id}`]];
const client = OpenFeature.getClient();
window.told = { changes: 0 };
client.addHandler(ProviderEvents.ConfigurationChanged, () => {
  window.told.changes += 1;
});
await OpenFeature.setContext({ targetingKey: unit });
await OpenFeature.setProviderAndWait(new OFREPWebProvider({ baseUrl: url, headers }));
window.look = (flag) => client.getBooleanDetails(flag, false);
window.track = async (event) => {
  const body = JSON.stringify({ context: { targetingKey: unit }, ...event });
  const said = { method: "POST", headers: { Authorization: `Bearer ${id}`, "Content-Type": "application/json" }, body };
  return (await fetch(`${url}/ofrep/v1/track`, said)).status;
};
window.ready = true;
