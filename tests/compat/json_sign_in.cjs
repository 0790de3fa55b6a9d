// The sign-in by the SDK's own JSON calls, without a browser.
'use strict';

const EMAIL = 'mary.somerville@example.com';
const SCOPE = ['openid', 'profile', 'email', 'meetings:read'];

/** The one step for which the SDK has no method. */
async function consent(environment) {
  const response = await fetch(environment.CONTIO_AUTHORIZATION_URL, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_id: environment.CONTIO_CLIENT_ID,
      redirect_uri: environment.CONTIO_REDIRECT_URI,
      response_type: 'code',
      email: EMAIL,
      scope: SCOPE.join(' '),
      state: 'state-1',
      consent: true,
    }),
  });
  return response.json();
}

module.exports = {
  async newcomer({ environment, oneTimeCode, partner, refusal }) {
    const { oauth, user } = partner({ scope: SCOPE });
    const initiated = await oauth.initiatePartnerAuth(EMAIL, 'Mary Somerville');
    const wrongCode = await refusal(() => oauth.verifyPartnerAuth(EMAIL, 'no code', initiated.session));
    const verified = await oauth.verifyPartnerAuth(EMAIL, await oneTimeCode(EMAIL), initiated.session);
    const before = await oauth.checkConsent(EMAIL);
    const consented = await consent(environment);
    const tokens = await oauth.exchangeCodeForToken(consented.code);
    const after = await oauth.checkConsent(EMAIL);
    const profile = await user.getUserProfile();
    const again = await oauth.initiatePartnerAuth(EMAIL);
    return { initiated, wrongCode, verified, before, consented, tokens, after, profile, again };
  },
};
