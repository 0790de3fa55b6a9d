// Meetings through the SDK's user client.
'use strict';

const PARTY = {
  title: 'Sommerfest – planning',
  start_time: '2030-01-15T17:00:00Z',
  end_time: '2030-01-15T18:00:00Z',
};

module.exports = {
  async paged({ signedIn }) {
    const { user } = await signedIn();
    const page = await user.getMeetings({ limit: 5, offset: 3 });
    const all = await user.getAllMeetings();
    return { page, all };
  },

  async changed({ signedIn }) {
    const { user } = await signedIn();
    const created = await user.createMeeting(PARTY);
    const read = await user.getMeeting(created.id);
    const updated = await user.updateMeeting(created.id, { title: 'Summer party' });
    const reread = await user.getMeeting(created.id);
    const thatDay = await user.getMeetings({ start_date: '2030-01-15', end_date: '2030-01-15' });
    return { wished: PARTY, created, read, updated, reread, thatDay };
  },

  async abroad({ environment, sdk, signedIn }) {
    const { oauth, user } = await signedIn();
    const losAngeles = { timezone: 'America/Los_Angeles' };
    const { id } = await user.createMeeting(PARTY);
    const winter = await user.getMeeting(id, losAngeles);
    const july = { start_time: '2030-07-15T17:00:00Z', end_time: '2030-07-15T18:00:00Z' };
    const summer = await user.updateMeeting(id, july, losAngeles);
    const page = await user.getMeetings({ limit: 1 }, losAngeles);
    const baseURL = environment.CONTIO_BASE_URL;
    const tokyo = new sdk.PartnerUserClient(oauth, { baseURL, defaultTimezone: 'Asia/Tokyo' });
    return { winter, summer, listed: page.items[0], tokyo: await tokyo.getMeeting(id) };
  },

  async repeated({ signedIn }) {
    const { user } = await signedIn();
    const key = { idempotencyKey: 'create-review-1' };
    const first = await user.createMeeting({ title: 'Review' }, key);
    const again = await user.createMeeting({ title: 'Review' }, key);
    const other = await user.createMeeting({ title: 'Review' }, { idempotencyKey: 'create-review-2' });
    const change = { idempotencyKey: 'rename-review-1' };
    const renamed = await user.updateMeeting(first.id, { title: 'Retro' }, change);
    const renamedAgain = await user.updateMeeting(first.id, { title: 'Retro' }, change);
    return { first, again, other, renamed, renamedAgain };
  },
};
