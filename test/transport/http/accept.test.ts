import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  acceptsEvents,
  acceptsHtml,
  acceptsJson,
  acceptsMultipart,
  acceptsText,
  jsonMediaType,
} from '../../../src/transport/http/accept.ts';

function requestWith(accept: string | undefined): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  if (accept !== undefined) request.headers.accept = accept;
  return request;
}

const json = 'application/json';
const graphql = 'application/graphql-response+json';

describe('jsonMediaType', () => {
  it.each([
    [undefined, json],
    ['', json],
    ['*/*', json],
    ['application/*', json],
    [json, json],
    ['Application/JSON', json],
    [graphql, graphql],
    [`${graphql}, ${json}`, graphql],
    [`${json}, ${graphql}`, json],
    [`${json};q=0.9, ${graphql}`, graphql],
    [`${graphql}, ${json};q=0.9, */*;q=0.1`, graphql],
    [`*/*, ${graphql}`, json],
    [`*/*;q=0.1, ${graphql}`, graphql],
    [`${json};q=0, ${graphql}`, graphql],
    [`${graphql};q=0, ${json}`, json],
    [`${json};q=0, */*`, graphql],
    [`${json};Q=0`, undefined],
    ['*/*;q=0', undefined],
    [`${json};q=nonsense`, undefined],
    ['text/event-stream', undefined],
  ])('takes from %j: %s', (accept, mediaType) => {
    expect(jsonMediaType(requestWith(accept))).toBe(mediaType);
  });
});

describe.each([
  [
    'acceptsEvents',
    acceptsEvents,
    ['text/event-stream', 'Text/Event-Stream', 'text/*', 'text/event-stream;q=0.1, */*'],
    [undefined, '*/*', 'text/event-stream;q=0', 'text/event-stream;q=0.0, text/*', 'text/html'],
  ],
  [
    'acceptsMultipart',
    acceptsMultipart,
    [
      'multipart/mixed;subscriptionSpec=1.0',
      'multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json;q=0.9',
      'Multipart/Mixed; SubscriptionSpec="1.0"',
    ],
    [undefined, '*/*', 'multipart/mixed', 'multipart/mixed;subscriptionSpec=1.0;q=0'],
  ],
  [
    'acceptsJson',
    acceptsJson,
    [json, graphql, `text/event-stream, ${json};q=0.1`, 'APPLICATION/JSON'],
    [undefined, '*/*', `${json};q=0`, 'text/event-stream'],
  ],
  [
    'acceptsText',
    acceptsText,
    [undefined, '*/*', 'text/*', 'TEXT/plain'],
    ['text/plain;q=0, */*', 'text/event-stream', json],
  ],
  [
    'acceptsHtml',
    acceptsHtml,
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'TEXT/HTML'],
    [undefined, '*/*', 'text/html;q=0'],
  ],
])('%s', (_name, accepts, taken, refused) => {
  it.each(taken)('takes %j', (accept) => {
    expect(accepts(requestWith(accept))).toBe(true);
  });

  it.each(refused)('does not take %j', (accept) => {
    expect(accepts(requestWith(accept))).toBe(false);
  });
});
