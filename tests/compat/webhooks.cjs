// A partner's webhook receiver made of the SDK: set as the app's URL, called by the mock, and asked
// about what came, as it came and tampered with.
'use strict';

const { createServer } = require('node:http');
const { once } = require('node:events');

/** Runs the SDK's Express middleware on a plain Node server. */
async function receiver(sdk, secret, deliveries) {
  const middleware = sdk.createWebhookMiddleware({ secret });
  const server = createServer(async (request, response) => {
    request.body = Buffer.concat(await request.toArray());
    response.status = (status) => Object.assign(response, { statusCode: status });
    response.json = (body) => response.end(JSON.stringify(body));
    middleware(request, response, () => {
      deliveries.push({
        raw: request.body,
        signature: request.headers['x-contio-signature'],
        event: request.webhookEvent,
        accepted: sdk.hasWebhookEvent(request),
      });
      response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Creates a meeting, waits for its delivery, and lets a flow look at it. */
async function withDelivery({ admin, environment, mock, sdk, signedIn }, look) {
  const deliveries = [];
  const server = await receiver(sdk, environment.CONTIO_WEBHOOK_SECRET, deliveries);
  const url = `http://127.0.0.1:${server.address().port}/hooks?tenant=1`;
  try {
    await admin().updateApp({ webhook_url: url });
    const { user } = await signedIn();
    const meeting = await user.createMeeting({ title: 'Café – 会議' });
    await mock('POST', '/webhooks/settle');
    const seen = await look(deliveries[0], url);
    return { url, meeting, count: deliveries.length, ...seen };
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** What the SDK's event handler calls for one delivery. */
async function handled(sdk, secret, raw, signature) {
  const called = [];
  const handler = new sdk.WebhookEventHandler(secret)
    .onAny((event) => called.push(['any', event.event_type]))
    .on(sdk.WEBHOOK_EVENTS.MEETING_CREATED, (event) => called.push(['created', event.data.title]))
    .on(sdk.WEBHOOK_EVENTS.MEETING_UPDATED, () => called.push(['updated']));
  await handler.handle(raw, signature);
  return called;
}

module.exports = {
  genuine(tools) {
    const { sdk, environment } = tools;
    const secret = environment.CONTIO_WEBHOOK_SECRET;
    return withDelivery(tools, async ({ raw, signature, event, accepted }) => ({
      event,
      accepted,
      verified: sdk.verifyWebhookSignature(raw, signature, secret),
      verifiedAsText: sdk.verifyWebhookSignature(raw.toString('utf8'), signature, secret),
      parsed: sdk.parseWebhook(raw, signature, secret),
      handled: await handled(sdk, secret, raw, signature),
    }));
  },

  tampered(tools) {
    const { sdk, environment, refusal } = tools;
    const secret = environment.CONTIO_WEBHOOK_SECRET;
    return withDelivery(tools, async ({ raw, signature }, url) => {
      const body = Buffer.from(raw.toString('utf8').replace('Café', 'Cafe'));
      const headers = { 'x-contio-signature': signature };
      const posted = await fetch(url, { method: 'POST', headers, body });
      return {
        differs: !body.equals(raw),
        verified: sdk.verifyWebhookSignature(body, signature, secret),
        parse: await refusal(async () => sdk.parseWebhook(body, signature, secret)),
        handle: await refusal(() => handled(sdk, secret, body, signature)),
        middleware: { status: posted.status, ...(await posted.json()) },
        otherSecret: sdk.verifyWebhookSignature(raw, signature, 'whs_other'),
      };
    });
  },
};
