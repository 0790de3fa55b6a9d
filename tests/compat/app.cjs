// The partner app through the SDK's admin client: itself, its webhooks, connections and automations.
'use strict';

const PHRASES = ['open a ticket', 'file a bug'];

/** The one delivery of an event that was just emitted. */
async function emitted(mock, client, type) {
  await mock('POST', '/events', { type, user: 'ada@example.com' });
  await mock('POST', '/webhooks/settle');
  return (await client.getWebhookDeliveries({ event_type: type, limit: 1 })).deliveries[0];
}

module.exports = {
  async changed({ admin }) {
    const client = admin();
    const before = await client.getApp();
    const wished = { name: 'Renamed', webhook_url: 'http://127.0.0.1:9/hooks' };
    const updated = await client.updateApp(wished);
    const after = await client.getApp();
    return { before, wished, updated, after };
  },

  async suspended({ admin, refusal, signedIn }) {
    const client = admin();
    const { user } = await signedIn();
    const inactive = await client.updateAppStatus({ status: 'inactive' });
    const refused = await refusal(() => user.getUserProfile());
    const active = await client.updateAppStatus({ status: 'active' });
    const profile = await user.getUserProfile();
    const wrong = await refusal(() => client.updateAppStatus({ status: 'asleep' }));
    return { inactive, refused, active, profile, wrong };
  },

  async delivered({ admin, mock, refusal }) {
    const client = admin();
    await client.updateApp({ webhook_url: 'http://127.0.0.1:9/hooks' }); // where nobody listens
    const failed = await emitted(mock, client, 'meeting.created');
    const read = await client.getWebhookDelivery(failed.id);
    const retried = await client.retryWebhookDelivery(failed.id);
    await mock('POST', '/webhooks/settle');
    const page = await client.getWebhookDeliveries({ status: 'failed' });
    const filter = await client.setWebhookFilter({ type: 'include', events: ['meeting.updated'] });
    await mock('POST', '/events', { type: 'meeting.created' });
    const filtered = await client.getWebhookDeliveries({ event_type: 'meeting.created' });
    const unfiltered = await client.removeWebhookFilter();
    const off = await client.updateWebhookStatus({ enabled: false });
    const on = await client.updateWebhookStatus({ enabled: true, pending_disposition: 'abandon' });
    const unknown = await refusal(() => client.setWebhookFilter({ type: 'include', events: ['no.such'] }));
    return { failed, read, retried, page, filter, filtered, unfiltered, off, on, unknown };
  },

  async connected({ admin, refusal, signedIn }) {
    const client = admin();
    const { user } = await signedIn();
    const { id } = await user.getUserProfile();
    const all = await client.getUserConnections({ status: 'active', limit: 1 });
    const hers = await client.getUserConnections({ user_id: id });
    const read = await client.getUserConnection(hers.items[0].id);
    const revoked = await client.revokeUserConnection(read.id);
    const refused = await refusal(() => user.getUserProfile());
    const after = await client.getUserConnection(read.id);
    return { id, all, hers, read, revokedIs: typeof revoked, refused, after };
  },

  async automated({ admin, mock, refusal, signedIn }) {
    const client = admin();
    const wished = {
      name: 'Tickets',
      description: 'Opens one',
      trigger_type: 'action_item_match',
      actions: [{ type: 'phrase_match', config: { phrases: PHRASES } }],
    };
    const created = await client.createAutomation(wished);
    const read = await client.getAutomation(created.id);
    const { user } = await signedIn();
    const meeting = await user.createMeeting({ title: 'Faults' });
    await mock('POST', '/simulate/meeting-started', { meeting_id: meeting.id });
    await mock('POST', '/simulate/meeting-ended', { meeting_id: meeting.id });
    await mock('POST', '/simulate/meeting-completed', {
      meeting_id: meeting.id,
      action_items: [{ title: 'File a bug for the reader', assignee_email: 'ada@example.com' }],
    });
    await mock('POST', '/clock', { advance: '10m' });
    const [matched] = (await user.getActionItems({ meeting_id: meeting.id })).items;
    const updated = await client.updateAutomation(created.id, { name: 'Bugs', status: 'inactive' });
    const reactivated = await client.updateAutomation(created.id, { is_active: true });
    const listed = await client.getAutomations({ limit: 50 });
    await client.deleteAutomation(created.id);
    const gone = await refusal(() => client.getAutomation(created.id));
    return { wished, created, read, matched, updated, reactivated, listed, gone };
  },
};
