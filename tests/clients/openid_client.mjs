// Scenes with openid-client.
import * as client from "openid-client";

const CURVE = { name: "ECDSA", namedCurve: "P-256" };

async function discover({ issuer, client_id, secret, method, key, skew }) {
  const authentication = {
    none: () => client.None(),
    basic: () => client.ClientSecretBasic(secret),
    post: () => client.ClientSecretPost(secret),
    key: async () =>
      client.PrivateKeyJwt(await crypto.subtle.importKey("jwk", key, CURVE, false, ["sign"])),
  };
  const proof = await authentication[method ?? "none"]();
  const told = skew ? { [client.clockSkew]: skew } : {};
  const config = await client.discovery(new URL(issuer), client_id, told, proof);
  client.enableNonRepudiationChecks(config); // the signature of ID tokens, too
  return config;
}

async function proving(config, { dpop }) {
  return dpop ? { DPoP: client.getDPoPHandle(config, await client.randomDPoPKeyPair()) } : {};
}

async function person(config, tokens, options) {
  return client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub, options);
}

export async function device(told, { tell }) {
  const config = await discover(told);
  if (told.told_of_polls) {
    config[client.customFetch] = async (url, init) => {
      const response = await fetch(url, init);
      if (url.endsWith("/token")) tell((await response.clone().json()).error ?? "tokens");
      return response;
    };
  }
  const options = await proving(config, told);
  const codes = await client.initiateDeviceAuthorization(config, { scope: "openid profile" });
  tell(codes);
  const tokens = await client.pollDeviceAuthorizationGrant(config, codes, undefined, options);
  return { type: tokens.token_type, person: await person(config, tokens, options) };
}

export async function code(told, { hear, tell }) {
  const config = await discover(told);
  const options = await proving(config, told);
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()];
  const asked = {
    redirect_uri: told.callback,
    scope: told.scope ?? "openid profile",
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    state: expectedState,
    nonce: expectedNonce,
    max_age: "600",
  };
  const address = told.pushed
    ? await client.buildAuthorizationUrlWithPAR(config, asked, options)
    : client.buildAuthorizationUrl(config, asked);
  tell(address);
  const checks = { pkceCodeVerifier, expectedState, expectedNonce, maxAge: 600 };
  const callback = new URL(await hear());
  const first = await client.authorizationCodeGrant(config, callback, checks, undefined, options);
  if (told.logout) {
    const leaving = { post_logout_redirect_uri: told.callback, id_token_hint: first.id_token };
    return client.buildEndSessionUrl(config, { ...leaving, state: expectedState });
  }
  const second = await client.refreshTokenGrant(config, first.refresh_token, undefined, options);
  return {
    type: second.token_type,
    renewed: second.refresh_token !== first.refresh_token,
    person: await person(config, second, options),
  };
}

export async function credentials(told) {
  const config = await discover(told);
  const options = await proving(config, told);
  const tokens = await client.clientCredentialsGrant(config, { scope: told.scope }, options);
  const before = await client.tokenIntrospection(config, tokens.access_token);
  await client.tokenRevocation(config, tokens.access_token);
  const after = await client.tokenIntrospection(config, tokens.access_token);
  return { type: tokens.token_type, scope: before.scope, before: before.active, after };
}
