// What every flow works with: the SDK, clients made from the CONTIO_* variables of one Contio, the
// control plane of that Contio, and what the test gave to this flow.
'use strict';

module.exports = function tools(sdk, environment, given) {
  const configuration = {
    clientId: environment.CONTIO_CLIENT_ID,
    clientSecret: environment.CONTIO_CLIENT_SECRET,
    redirectUri: environment.CONTIO_REDIRECT_URI,
    authorizationUrl: environment.CONTIO_AUTHORIZATION_URL,
    tokenUrl: environment.CONTIO_TOKEN_URL,
    baseURL: environment.CONTIO_BASE_URL,
  };

  /** The SDK's clients as a partner makes them, without tokens. */
  function partner(options = {}) {
    return sdk.ContioPartnerSDK.forUser({ ...configuration, ...options });
  }

  function admin(apiKey = environment.CONTIO_API_KEY) {
    const clientId = environment.CONTIO_CLIENT_ID;
    return sdk.ContioPartnerSDK.forAdmin({ apiKey, clientId, baseURL: environment.CONTIO_BASE_URL }).admin;
  }

  /** A call of the control plane. */
  async function mock(method, path, body) {
    const response = await fetch(`${environment.CONTIO_BASE_URL}/_mock${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} /_mock${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  /** Tokens of a user without the sign-in, in the SDK's own form. */
  async function tokensOf(email, scope) {
    const minted = await mock('POST', '/tokens', { email, scope });
    return { accessToken: minted.access_token, refreshToken: minted.refresh_token };
  }

  /** The SDK's clients, signed in. */
  async function signedIn(email = 'ada@example.com', scope) {
    const clients = partner();
    clients.oauth.setTokens(await tokensOf(email, scope));
    return clients;
  }

  /** The one-time code that was mailed last. */
  async function oneTimeCode(email) {
    const inbox = await mock('GET', `/inbox?email=${encodeURIComponent(email)}`);
    return inbox.items[0].code;
  }

  /** How long tokens of the SDK live, in seconds. */
  function life(tokens) {
    return Math.round((tokens.expiresAt - Date.now()) / 1000);
  }

  /** How the SDK reports a call that must fail. */
  async function refusal(call, name = call) {
    try {
      await call();
    } catch (error) {
      const { name, message, code, statusCode, requestId } = error;
      return { isApiError: error instanceof sdk.ContioAPIError, name, message, code, statusCode, requestId };
    }
    throw new Error(`This had to fail: ${name}`);
  }

  return {
    sdk, environment, given, partner, admin, mock, tokensOf, signedIn, oneTimeCode, life, refusal,
  };
};
