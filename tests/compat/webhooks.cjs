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
async function withDelivery({ admin, environment, mock, sdk, signedIn }, look, secret) {
  const deliveries = [];
  const server = await receiver(sdk, secret ?? environment.CONTIO_WEBHOOK_SECRET, deliveries);
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

/** An event as it is not to be taken: body, signature header and secret. */
function tampered(secret, { raw, signature }) {
  const forged = signature.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
  return {
    body: [Buffer.concat([raw, Buffer.from(' ')]), signature, secret],
    signature: [raw, forged, secret],
    short: [raw, 'sha256=abcd', secret],
    prefix: [raw, signature.replace('sha256=', ''), secret],
    otherPrefix: [raw, signature.replace('sha256=', 'sha1='), secret],
    none: [raw, '', secret],
    secret: [raw, signature, `${secret}x`],
  };
}

/** What each of the SDK's three ways says to one event that was tampered with. */
async function says({ refusal, sdk }, raw, signature, secret) {
  const request = { body: raw, headers: { 'x-contio-signature': signature } };
  const failures = [];
  const onError = (error) => failures.push(error.message);
  const handler = new sdk.WebhookEventHandler(secret).onAny(() => failures.push('was called'));
  sdk.createWebhookMiddleware({ secret, onError })(request, {}, () => failures.push('went on'));
  return {
    parse: (await refusal(async () => sdk.parseWebhook(raw, signature, secret))).message,
    handler: (await refusal(() => handler.handle(raw, signature))).message,
    middleware: failures.join(),
  };
}

/** What the SDK says to an event that was tampered with in every way. */
async function judged(tools, secret, delivery) {
  const said = {};
  for (const [what, wrong] of Object.entries(tampered(secret, delivery))) said[what] = await says(tools, ...wrong);
  return said;
}

/** What the middleware makes of a body that was read before it, as text or as parsed JSON. */
function readBefore(sdk, secret, body, signature) {
  const request = { body, headers: { 'x-contio-signature': signature } };
  const failures = [];
  const onError = (error) => failures.push(error.message);
  sdk.createWebhookMiddleware({ secret, onError })(request, {}, () => {});
  return failures.length ? failures : request.webhookEvent;
}

/** How the three ways of the SDK take one delivery. */
async function taken(sdk, secret, { raw, signature, event, accepted }) {
  const heard = [];
  const handler = new sdk.WebhookEventHandler(secret)
    .onAny(({ event_id }) => heard.push(['any', event_id]))
    .on(event.event_type, ({ event_id }) => heard.push(['typed', event_id]));
  await handler.handle(raw, signature);
  const verifier = new sdk.WebhookVerifier(secret);
  return {
    type: event.event_type,
    handlers: [handler.hasHandler(event.event_type), handler.hasHandler('no.such')],
    accepted,
    valid: verifier.verifySignature(raw.toString('utf8'), signature).isValid,
    event,
    parsed: verifier.parseWebhook(raw, signature),
    heard,
    asText: readBefore(sdk, secret, raw.toString('utf8'), signature),
    asJson: readBefore(sdk, secret, JSON.parse(raw), signature),
  };
}

module.exports = {
  /** Takes every event that it is given the name of. */
  async every(tools) {
    const { admin, environment, given, mock, sdk } = tools;
    const secret = environment.CONTIO_WEBHOOK_SECRET;
    const deliveries = [];
    const server = await receiver(sdk, secret, deliveries);
    try {
      await admin().updateApp({ webhook_url: `http://127.0.0.1:${server.address().port}/` });
      for (const type of given.types) {
        await mock('POST', '/events', { type, user: 'ada@example.com' });
      }
      await mock('POST', '/webhooks/settle');
      const refused = {};
      for (const delivery of deliveries) refused[delivery.event.event_type] = await judged(tools, secret, delivery);
      return {
        taken: await Promise.all(deliveries.map((delivery) => taken(sdk, secret, delivery))),
        refused,
      };
    } finally {
      server.close();
      server.closeAllConnections();
    }
  },

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

  /** What the mock, by its fault rules, sends to a receiver that checks: each kind, then a right one. */
  struck(tools) {
    const { admin, mock } = tools;
    return withDelivery(tools, async () => {
      await admin().rotateWebhookSecret({ confirmation_token: 'yes' });
      await admin().rotateWebhookSecret({ confirmation_token: 'yes' });
      for (const signature of tools.given.signatures) {
        await mock('POST', '/faults', { event: '*', signature, times: 1 });
        await mock('POST', '/events', { type: 'meeting.created', user: 'ada@example.com' });
        await mock('POST', '/webhooks/settle');
      }
      return {};
    });
  },

  /** A secret that was replaced signs nothing any more. */
  async rotated(tools) {
    const { admin, environment, sdk } = tools;
    const { new_credential: secret } = await admin().rotateWebhookSecret({ confirmation_token: 'yes' });
    return withDelivery(tools, ({ raw, signature, accepted }) => ({
      accepted,
      byTheOld: sdk.verifyWebhookSignature(raw, signature, environment.CONTIO_WEBHOOK_SECRET),
    }), secret);
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
