// The sign-in in a browser, from the SDK's authorization URL to tokens: for somebody who is asked for
// consent and gives it or not, and for somebody who gave it long ago.
'use strict';

const { Browser } = require('./browser.cjs');

const STATE = 'opaque & état/1?=';
const SCOPE = ['openid', 'profile', 'email', 'meetings:read'];

/** A browser that has given e-mail address and one-time code. */
async function signedInBrowser(oauth, email, oneTimeCode) {
  const url = oauth.getAuthorizationUrl(STATE, { loginHint: email });
  const browser = await new Browser(url).open(url);
  const hinted = browser.field('email');
  await browser.submit({ email: hinted.value });
  await browser.submit({ code: await oneTimeCode(email) });
  return { browser, hinted };
}

/** Which pages there were, and what the partner's own site was handed at last. */
const journey = ({ visited, left }) => ({
  state: STATE,
  visited,
  landed: left.origin + left.pathname,
  handed: Object.fromEntries(left.searchParams),
});

module.exports = {
  async consenting({ life, oneTimeCode, partner, refusal }) {
    const { oauth } = partner({ scope: SCOPE });
    const { browser, hinted } = await signedInBrowser(oauth, 'katherine@example.com', oneTimeCode);
    await browser.submit({ decision: 'allow' });
    const { handed, ...way } = journey(browser);
    const tokens = await oauth.exchangeCodeForToken(handed.code);
    const again = await refusal(() => oauth.exchangeCodeForToken(handed.code));
    return { hinted, ...way, handed, scope: SCOPE, tokens, life: life(tokens), again };
  },

  async refusing({ oneTimeCode, partner }) {
    const { oauth } = partner({ scope: SCOPE });
    const { browser } = await signedInBrowser(oauth, 'katherine@example.com', oneTimeCode);
    await browser.submit({ decision: 'deny' });
    return journey(browser);
  },

  async returning({ oneTimeCode, partner }) {
    const { oauth } = partner({ scope: SCOPE });
    const { browser } = await signedInBrowser(oauth, 'ada@example.com', oneTimeCode);
    const { handed, ...way } = journey(browser);
    return { ...way, handed, tokens: await oauth.exchangeCodeForToken(handed.code) };
  },
};
