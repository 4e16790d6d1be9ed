// node-oidc-provider as a device authorization server: node oidc_provider.mjs PORT
//
// Its own adapter keeps 1,000 entries and forgets the rest; this one keeps all, as fast.

import { generateKeyPairSync, randomBytes } from "node:crypto";
import { Provider } from "oidc-provider";

const records = new Map();

class InMemory {
  constructor(model) {
    this.model = model;
  }
  async upsert(id, payload) {
    records.set(`${this.model}:${id}`, payload);
    if (payload.userCode) {
      records.set(`userCode:${payload.userCode}`, id);
    }
  }
  async find(id) {
    return records.get(`${this.model}:${id}`);
  }
  async findByUserCode(userCode) {
    return this.find(records.get(`userCode:${userCode}`));
  }
  async findByUid() {
    return undefined;
  }
  async consume(id) {
    records.get(`${this.model}:${id}`).consumed = Math.floor(Date.now() / 1000);
  }
  async destroy(id) {
    records.delete(`${this.model}:${id}`);
  }
  async revokeByGrantId() {}
}

const port = Number(process.argv[2]);
const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });

const provider = new Provider(`http://127.0.0.1:${port}`, {
  adapter: InMemory,
  jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), alg: "ES256", use: "sig" }] },
  cookies: { keys: [randomBytes(32).toString("hex")] },
  features: { deviceFlow: { enabled: true }, devInteractions: { enabled: false } },
  ttl: { DeviceCode: 24 * 3600 },
  clients: [
    {
      client_id: "tv",
      token_endpoint_auth_method: "none",
      id_token_signed_response_alg: "ES256",
      grant_types: ["urn:ietf:params:oauth:grant-type:device_code"],
      redirect_uris: [],
      response_types: [],
    },
  ],
});
provider.listen(port, "127.0.0.1");
