// The partner app through the SDK's admin client.
'use strict';

module.exports = {
  async changed({ admin }) {
    const client = admin();
    const before = await client.getApp();
    const wished = { name: 'Renamed', webhook_url: 'http://127.0.0.1:9/hooks' };
    const updated = await client.updateApp(wished);
    const after = await client.getApp();
    return { before, wished, updated, after };
  },
};
