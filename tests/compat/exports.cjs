// What the SDK does without asking anybody: clients, links and names.
'use strict';

module.exports = {
  everything: async ({ methods }) => methods,
  events: async ({ sdk }) => ({ known: Object.values(sdk.WEBHOOK_EVENTS), types: sdk.WEBHOOK_EVENT_TYPES }),

  async made({ environment, refusal, sdk }) {
    const { CONTIO_API_KEY: apiKey, CONTIO_CLIENT_ID: clientId, CONTIO_BASE_URL: baseURL } = environment;
    const oauth = {
      clientId,
      clientSecret: environment.CONTIO_CLIENT_SECRET,
      redirectUri: environment.CONTIO_REDIRECT_URI,
      authorizationUrl: environment.CONTIO_AUTHORIZATION_URL,
      tokenUrl: environment.CONTIO_TOKEN_URL,
    };
    const both = new sdk.ContioPartnerSDK({ oauth, apiKey, clientId, baseURL });
    const keyOnly = new sdk.ContioPartnerSDK({ apiKey, clientId, baseURL });
    const neither = await refusal(async () => new sdk.ContioPartnerSDK({ baseURL }));
    const hasty = new sdk.PartnerUserClient(both.oauth, { baseURL, retries: 0 });
    const unsigned = await refusal(() => hasty.getUserProfile());
    await both.oauth.getClientCredentialsToken(['meetings:read']);
    return {
      app: await both.admin.getApp(),
      again: await keyOnly.admin.getApp(),
      scopes: await both.oauth.getAvailableScopes(),
      userless: keyOnly.user,
      neither, unsigned,
    };
  },

  async linked({ environment, sdk }) {
    const base = environment.CONTIO_BASE_URL;
    const { origin } = new URL(base);
    return {
      target: sdk.buildMeetingTarget('m-1'),
      sso: sdk.buildSSOEntryUrl({ slug: 'acme' }, base),
      app: sdk.buildAppDeepLink?.({ path: '/meetings/m-1', queryParams: { tab: 'notes', empty: '' } }, base),
      settings: sdk.buildSettingsLink?.('calendars', base),
      chat: sdk.buildChatLink?.({ message: 'What is next?' }, base),
      origin,
    };
  },
};
