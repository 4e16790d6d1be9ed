// Scenes with oauth4webapi, request by request.
import * as oauth from "oauth4webapi";

const CURVE = { name: "ECDSA", namedCurve: "P-256" };

async function discover({ issuer, client_id, secret, method, key, skew }, algorithm = "oauth2") {
  const url = new URL(issuer);
  const response = await oauth.discoveryRequest(url, { algorithm });
  const as = await oauth.processDiscoveryResponse(url, response);
  const client = { client_id, ...(skew ? { [oauth.clockSkew]: skew } : {}) };
  const authentication = {
    none: () => oauth.None(),
    basic: () => oauth.ClientSecretBasic(secret),
    post: () => oauth.ClientSecretPost(secret),
    key: async () =>
      oauth.PrivateKeyJwt(await crypto.subtle.importKey("jwk", key, CURVE, false, ["sign"])),
  };
  return { as, client, proof: await authentication[method ?? "none"]() };
}

// Once more when a nonce is asked for, as the library's examples do.
async function withNonce(send) {
  try {
    return await send();
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error;
    return { ...(await send()), nonce_needed: true };
  }
}

export async function metadata(told) {
  return [(await discover(told, "oauth2")).as, (await discover(told, "oidc")).as];
}

export async function device(told, { hear, tell }) {
  const { as, client, proof } = await discover(told);
  const DPoP = oauth.DPoP(client, await oauth.generateKeyPair("ES256"));
  const asked = await oauth.deviceAuthorizationRequest(as, client, proof, { scope: "openid profile" });
  const codes = await oauth.processDeviceAuthorizationResponse(as, client, asked);
  tell(codes);
  const poll = async () => {
    const polled = await oauth.deviceCodeGrantRequest(as, client, proof, codes.device_code, { DPoP });
    return oauth.processDeviceCodeResponse(as, client, polled);
  };
  for (;;) {
    try {
      await hear();
      const tokens = await withNonce(poll);
      return { type: tokens.token_type, nonce_needed: tokens.nonce_needed ?? false };
    } catch (error) {
      if (!["authorization_pending", "slow_down"].includes(error.error)) throw error;
      tell(error.error);
    }
  }
}

export async function code(told, { hear, tell }) {
  const { as, client, proof } = await discover(told);
  const DPoP = oauth.DPoP(client, await oauth.generateKeyPair("ES256"));
  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  const pushed = await withNonce(async () => {
    const parameters = {
      redirect_uri: told.callback,
      response_type: "code",
      scope: "openid profile",
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state,
      nonce,
    };
    const sent = await oauth.pushedAuthorizationRequest(as, client, proof, parameters, { DPoP });
    return oauth.processPushedAuthorizationResponse(as, client, sent);
  });
  const address = new URL(as.authorization_endpoint);
  address.searchParams.set("client_id", client.client_id);
  address.searchParams.set("request_uri", pushed.request_uri);
  tell(address);

  const answer = oauth.validateAuthResponse(as, client, new URL(await hear()), state);
  const exchanged = await oauth.authorizationCodeGrantRequest(
    as, client, proof, answer, told.callback, verifier, { DPoP },
  );
  const checks = { expectedNonce: nonce, requireIdToken: true };
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, exchanged, checks);
  const { sub } = oauth.getValidatedIdTokenClaims(tokens);
  const refreshed = await oauth.refreshTokenGrantRequest(
    as, client, proof, tokens.refresh_token, { DPoP },
  );
  const renewed = await oauth.processRefreshTokenResponse(as, client, refreshed);
  const person = await withNonce(async () => {
    const shown = await oauth.userInfoRequest(as, client, renewed.access_token, { DPoP });
    return oauth.processUserInfoResponse(as, client, sub, shown);
  });
  return { pushed_nonce: pushed.nonce_needed ?? false, person };
}

export async function api(told) {
  const { as, client, proof } = await discover(told);
  const DPoP = told.dpop ? oauth.DPoP(client, await oauth.generateKeyPair("ES256")) : undefined;
  const options = DPoP ? { DPoP } : {};
  const granted = await oauth.clientCredentialsGrantRequest(
    as, client, proof, { scope: told.scope }, options,
  );
  const tokens = await oauth.processClientCredentialsResponse(as, client, granted);

  // An application calls an API, which checks the request that it gets.
  let arrived;
  await oauth.protectedResourceRequest(
    tokens.access_token, "GET", new URL("https://api.example/shows"), undefined, undefined,
    { ...options, [oauth.customFetch]: async (url, init) => {
      arrived = new Request(url, { method: init.method, headers: init.headers });
      return new Response();
    } },
  );
  const claims = await oauth.validateJwtAccessToken(as, arrived, told.issuer, {
    requireDPoP: Boolean(DPoP),
  });
  const introspected = await oauth.processIntrospectionResponse(
    as, client, await oauth.introspectionRequest(as, client, proof, tokens.access_token),
  );
  await oauth.processRevocationResponse(
    await oauth.revocationRequest(as, client, proof, tokens.access_token),
  );
  return { scope: claims.scope, type: introspected.token_type };
}
