// node-oidc-provider with the device flow: node provider.mjs PORT ISSUER
//
// Anybody may sign in by any name, on its own pages for development.

import { randomBytes } from "node:crypto";
import { Provider } from "oidc-provider";

const [port, issuer] = process.argv.slice(2);

const provider = new Provider(issuer, {
  cookies: { keys: [randomBytes(32).toString("hex")] },
  features: { deviceFlow: { enabled: true }, devInteractions: { enabled: true } },
  routes: { device_authorization: "/device_authorization", userinfo: "/userinfo" },
  scopes: ["openid", "offline_access"],
  rotateRefreshToken: true,
  issueRefreshToken: () => true,
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
  clients: [
    {
      client_id: "tv",
      token_endpoint_auth_method: "none",
      grant_types: ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
      redirect_uris: [],
      response_types: [],
    },
  ],
});
provider.listen(Number(port), "127.0.0.1");
