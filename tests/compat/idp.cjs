// The app's identity provider and domains through the SDK's admin client.
'use strict';

module.exports = {
  async configured({ admin, environment, refusal, sdk }) {
    const client = admin();
    const missing = await refusal(() => client.getIdPConfig());
    const wished = {
      name: 'Acme',
      discovery_url: `${environment.CONTIO_BASE_URL}/_mock/idp/.well-known/openid-configuration`,
      idp_client_id: 'contio',
      idp_client_secret: 'idp-secret',
      mode: 'partner_managed',
      scopes: ['openid', 'email'],
    };
    const created = await client.createIdPConfig(wished);
    const twice = await refusal(() => client.createIdPConfig(wished));
    const read = await client.getIdPConfig();
    const updated = await client.updateIdPConfig({ name: 'Acme Inc.', is_active: false });
    const { slug } = await client.getApp();
    const entry = sdk.buildSSOEntryUrl(
      { slug, target: sdk.buildMeetingTarget('m-1'), loginHint: 'ada@example.com', auto: true },
      environment.CONTIO_BASE_URL,
    );
    const info = await fetch(`${environment.CONTIO_BASE_URL}/v1/partner/sso/info/${slug}`);
    await client.deleteIdPConfig();
    const gone = await refusal(() => client.getIdPConfig());
    return { missing, wished, created, twice, read, updated, slug, entry, info: await info.json(), gone };
  },

  async verified({ admin, mock, refusal }) {
    const client = admin();
    const domain = 'acme.example.com';
    const unknown = await refusal(() => client.getIdpDomainVerification(domain));
    const begun = await client.initiateIdpDomainVerification(domain);
    const early = await client.checkIdpDomainVerification(domain);
    await mock('POST', '/simulate/domain-record', { domain });
    const checked = await client.checkIdpDomainVerification(domain);
    const read = await client.getIdpDomainVerification(domain);
    return { domain, unknown, begun, early, checked, read };
  },
};
