// What the SDK asks and does about tokens.
'use strict';

module.exports = {
  async described({ signedIn }) {
    const { oauth } = await signedIn();
    return {
      scopes: await oauth.getAvailableScopes(),
      introspection: await oauth.introspectToken(oauth.getAccessToken()),
      userInfo: await oauth.getUserInfo(),
    };
  },

  async revoked({ refusal, signedIn }) {
    const { oauth, user } = await signedIn();
    const tokens = await oauth.refreshAccessToken();
    const profile = await user.getUserProfile();
    await oauth.revokeToken(tokens.accessToken);
    const introspection = await oauth.introspectToken(tokens.accessToken);
    const call = await refusal(() => user.getUserProfile());
    await oauth.revokeToken(tokens.refreshToken, 'refresh_token');
    const refresh = await refusal(() => oauth.refreshAccessToken());
    await oauth.revokeToken('cto_at_v1_unknown');
    return { tokens, profile, introspection, call, refresh };
  },

  async ofTheApp({ partner }) {
    const { oauth } = partner();
    const tokens = await oauth.getClientCredentialsToken(['meetings:read']);
    return { tokens, introspection: await oauth.introspectToken(tokens.accessToken) };
  },

  async expired({ mock, refusal, signedIn }) {
    const { oauth, user } = await signedIn();
    const old = oauth.getAccessToken();
    await mock('POST', '/clock', { advance: '25h' });
    const call = await refusal(() => user.getUserProfile());
    await oauth.refreshAccessToken();
    const profile = await user.getUserProfile();
    return { call, profile, renewed: oauth.getAccessToken() !== old };
  },

  /** The SDK refreshes by itself when it knows that its token has run out. */
  async knownToHaveExpired({ mock, partner, tokensOf }) {
    const { oauth, user } = partner();
    const tokens = await tokensOf('ada@example.com');
    await mock('POST', '/clock', { advance: '25h' });
    oauth.setTokens({ ...tokens, expiresAt: new Date(0) });
    const profile = await user.getUserProfile();
    return { profile, renewed: oauth.getAccessToken() !== tokens.accessToken };
  },

  async ofAnyone({ environment, partner, refusal, sdk }) {
    const { oauth } = partner();
    const info = await oauth.getPartnerInfo();
    const never = oauth.isTokenExpired();
    oauth.setTokens({ accessToken: 'a', expiresAt: new Date(0) });
    const past = oauth.isTokenExpired();
    oauth.setTokens({ accessToken: 'a', expiresAt: new Date(Date.now() + 60_000) });
    const future = oauth.isTokenExpired();
    const noRefresh = await refusal(() => oauth.refreshAccessToken());
    return { clientId: environment.CONTIO_CLIENT_ID, info, never, past, future, noRefresh };
  },

  /** What a partner does before a long job. */
  async madeValid({ partner, tokensOf }) {
    const { oauth, user } = partner();
    const tokens = await tokensOf('ada@example.com');
    oauth.setTokens({ ...tokens, expiresAt: new Date(0) });
    await user.ensureValidToken();
    const renewed = oauth.getAccessToken();
    await user.ensureValidToken();
    return { old: tokens.accessToken, renewed, kept: oauth.getAccessToken(), valid: !oauth.isTokenExpired() };
  },
};
