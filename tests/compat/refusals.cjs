// How the SDK reports what the API refuses.
'use strict';

const NOBODYS = '00000000-0000-4000-8000-000000000000';
const BACKWARDS = {
  title: 'Ends before it begins',
  start_time: '2030-01-15T17:00:00Z',
  end_time: '2030-01-15T16:00:00Z',
};

async function every({ admin, partner, refusal, signedIn }) {
  const { user } = await signedIn();
  const reader = (await signedIn('ada@example.com', 'openid meetings:read')).user;
  const stranger = partner();
  stranger.oauth.setTokens({ accessToken: 'cto_at_v1_unknown' });
  return {
    unknown: await refusal(() => user.getMeeting(NOBODYS)),
    malformed: await refusal(() => user.getMeeting('meeting-123')),
    backwards: await refusal(() => user.createMeeting(BACKWARDS)),
    untitled: await refusal(() => user.createMeeting({})),
    page: await refusal(() => user.getMeetings({ start_date: 'yesterday' })),
    scope: await refusal(() => reader.createMeeting({ title: 'Not mine to make' })),
    token: await refusal(() => stranger.user.getMeetings()),
    key: await refusal(() => admin('ctio_wrong').getApp()),
  };
}

/** Fits wherever a method wants an id, parameters or a body: it reads as an id and has no members. */
class Anything {
  toString() {
    return NOBODYS;
  }

  get calendar_event_id() {
    return NOBODYS;
  }
}

/** Each method of a client that asks the API something, called with ids that nobody has. */
async function each({ methods, refusal }, type, client, called) {
  const own = methods.filter((name) => name.startsWith(`${type}.`)).map((name) => name.slice(type.length + 1));
  const errors = {};
  for (const name of own.filter(called)) {
    const first = name === 'rollbackCredential' ? 'api-key' : new Anything();
    errors[name] = await refusal(() => client[name](first, new Anything(), new Anything()), name);
  }
  return errors;
}

const asks = (name) => name !== 'addAuthHeaders' && name !== 'ensureValidToken';

/** What every method says to a caller without a valid token or key, and to one without the scope for it. */
async function strangers(tools) {
  const { admin, partner, signedIn } = tools;
  const stranger = partner();
  stranger.oauth.setTokens({ accessToken: 'cto_at_v1_unknown' });
  const narrow = await signedIn('ada@example.com', 'openid');
  return {
    user: await each(tools, 'PartnerUserClient', stranger.user, asks),
    admin: await each(tools, 'PartnerAdminClient', admin('ctio_wrong'), asks),
    narrow: await each(tools, 'PartnerUserClient', narrow.user, asks),
  };
}

/** What every method says that names one thing by its id, when there is no such thing. */
async function unknown(tools) {
  const { user } = await tools.signedIn();
  return {
    user: await each(tools, 'PartnerUserClient', user, (name) => tools.given.user.includes(name)),
    admin: await each(tools, 'PartnerAdminClient', tools.admin(), (name) => tools.given.admin.includes(name)),
  };
}

module.exports = { every, strangers, unknown };
