// A partner app's credentials through the SDK's admin client: rotated, used, and brought back.
'use strict';

const WISH = { confirmation_token: 'yes', reason: 'Yearly', grace_period_hours: 2 };

module.exports = {
  async rotated({ admin, environment, mock, partner, refusal }) {
    const { oauth } = partner();
    const client = admin();
    const before = await client.getCredentialStatus();
    const key = await client.rotateAPIKey(WISH);
    const renewed = admin(key.new_credential);
    const app = await renewed.getApp();
    const graced = await client.getApp();
    const during = await renewed.getCredentialStatus();
    await mock('POST', '/clock', { advance: '3h' });
    const stale = await refusal(() => client.getApp());

    const secret = await renewed.rotateClientSecret({ ...WISH, grace_period_hours: 0 });
    const oldSecret = await refusal(() => oauth.getClientCredentialsToken(['meetings:read']));
    const newSecret = await partner({ clientSecret: secret.new_credential }).oauth
      .getClientCredentialsToken(['meetings:read']);
    await renewed.rollbackCredential('client-secret', { rollback_token: secret.rollback_token });
    const broughtBack = await oauth.getClientCredentialsToken(['meetings:read']);
    const twice = await refusal(() =>
      renewed.rollbackCredential('client-secret', { rollback_token: secret.rollback_token }));

    const hook = await renewed.rotateWebhookSecret(WISH);
    const history = await renewed.getCredentialHistory({ limit: 10 });
    const rollbacks = await renewed.getCredentialHistory({ credential_type: 'client_secret', action: 'rollback' });
    const unconfirmed = await refusal(() => renewed.rotateAPIKey({}));
    return {
      before, key, app, graced, during, stale, secret, oldSecret, newSecret, broughtBack, twice, hook, history,
      rollbacks, unconfirmed, oldHook: environment.CONTIO_WEBHOOK_SECRET,
    };
  },

  /** The client that holds an API key lets it be exchanged without being made anew. */
  async exchanged({ environment, refusal, sdk }) {
    const { CONTIO_API_KEY: good, CONTIO_CLIENT_ID: clientId, CONTIO_BASE_URL: baseURL } = environment;
    const { apiKey, admin } = sdk.ContioPartnerSDK.forAdmin({ apiKey: 'ctio_wrong', clientId, baseURL });
    const refused = await refusal(() => admin.getApp());
    apiKey.updateApiKey(good);
    const app = await admin.getApp();
    return {
      refused, app, key: apiKey.getApiKey(), name: apiKey.getHeaderName(), headers: apiKey.getHeaders(), good,
    };
  },
};
