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

module.exports = {
  passing: async (tools) => ({
    unavailable: await struck(tools, { status: 503, times: 1 }),
    limited: await struck(tools, { status: 429, code: 'rate_limited', retry_after: 0, times: 2 }),
    dropped: await struck(tools, { drop: true, times: 1 }),
  }),
  lasting: (tools) => struck(tools, { status: 503, code: 'unavailable' }),
};
