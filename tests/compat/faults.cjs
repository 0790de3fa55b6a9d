// A server that fails, and how often the SDK asks it again.
'use strict';

async function struck({ environment, mock, sdk, signedIn }, effect) {
  const { oauth } = await signedIn();
  const baseURL = environment.CONTIO_BASE_URL;
  const user = new sdk.PartnerUserClient(oauth, { baseURL, retryDelay: 1 });
  await mock('POST', '/faults', { operation: 'listMeetings', ...effect });
  await mock('DELETE', '/requests');
  const outcome = await user.getMeetings({ limit: 1 }).then(
    ({ total }) => ({ total }),
    ({ code, statusCode }) => ({ code, statusCode }),
  );
  const journal = await mock('GET', '/requests?operation=listMeetings');
  await mock('DELETE', '/faults');
  return { ...outcome, statuses: journal.items.map((request) => request.status).reverse() };
}

/** The meetings that there are after the answer to the first attempt to create one was lost. */
async function created({ environment, mock, sdk, signedIn }, title, options) {
  const { oauth } = await signedIn();
  const user = new sdk.PartnerUserClient(oauth, { baseURL: environment.CONTIO_BASE_URL, retryDelay: 1 });
  await mock('POST', '/faults', { operation: 'createMeeting', point: 'after', drop: true, times: 1 });
  const meeting = await user.createMeeting({ title }, options);
  await mock('DELETE', '/faults');
  const all = await user.getAllMeetings();
  return { id: meeting.id, ids: all.filter((one) => one.title === title).map(({ id }) => id) };
}

module.exports = {
  unanswered: async (tools) => ({
    bare: await created(tools, 'Without a key'),
    keyed: await created(tools, 'With a key', { idempotencyKey: 'create-1' }),
  }),

  passing: async (tools) => ({
    unavailable: await struck(tools, { status: 503, times: 1 }),
    limited: await struck(tools, { status: 429, code: 'rate_limited', retry_after: 0, times: 2 }),
    dropped: await struck(tools, { drop: true, times: 1 }),
  }),
  lasting: (tools) => struck(tools, { status: 503, code: 'unavailable' }),
};
