// node-oidc-provider as an authorization server: node oidc_provider.mjs PORT FILE
//
// FILE gets a refresh token of the client `job`, as JSON.
//
// Its own adapter keeps 1,000 entries and forgets the rest; this one keeps all, as fast.

import { generateKeyPairSync, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
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
const resource = "https://api.example";
const secret = "a-secret-of-the-benchmark-that-is-long-enough-for-anybody";
const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });

const provider = new Provider(`http://127.0.0.1:${port}`, {
  adapter: InMemory,
  jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), alg: "ES256", use: "sig" }] },
  cookies: { keys: [randomBytes(32).toString("hex")] },
  features: {
    deviceFlow: { enabled: true },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: "reports",
        audience: resource,
        accessTokenFormat: "jwt",
        jwt: { sign: { alg: "ES256" } },
      }),
    },
  },
  scopes: ["openid", "offline_access", "reports"],
  rotateRefreshToken: false,
  issueRefreshToken: () => true,
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
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
    {
      client_id: "job",
      client_secret: secret,
      token_endpoint_auth_method: "client_secret_post",
      introspection_endpoint_auth_method: "client_secret_post",
      id_token_signed_response_alg: "ES256",
      grant_types: ["client_credentials", "refresh_token", "authorization_code"],
      redirect_uris: ["https://job.example/cb"],
      response_types: ["code"],
      scope: "openid offline_access reports",
    },
  ],
});

const client = await provider.Client.find("job");
const grant = new provider.Grant({ accountId: "ada", clientId: "job" });
grant.addOIDCScope("offline_access");
grant.addResourceScope(resource, "reports");
const refreshToken = new provider.RefreshToken({
  accountId: "ada",
  client,
  grantId: await grant.save(),
  gty: "authorization_code",
  scope: "offline_access reports",
  resource,
});
writeFileSync(process.argv[3], JSON.stringify({ refresh_token: await refreshToken.save() }));
provider.listen(port, "127.0.0.1");
