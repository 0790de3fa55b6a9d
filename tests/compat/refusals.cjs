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

module.exports = { every };
