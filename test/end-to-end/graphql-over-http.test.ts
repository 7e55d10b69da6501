import { serverAudits } from 'graphql-http';
import { describe, expect, it } from 'vitest';
import { startTestGateway } from '../support/gateway.ts';

/** Known before there is a gateway: each audit is a test. */
const audits = serverAudits({ url: 'http://gateway.invalid/graphql' });

describe('the audits of graphql-http', () => {
  it.each(audits.map(({ id, name }) => [id, name] as const))('%s: %s', async (id) => {
    await using gateway = await startTestGateway();
    const audit = serverAudits({ url: `${gateway.url}/graphql` }).find((each) => each.id === id)!;
    // What MAY be is so too: nothing but `ok` will do.
    expect(await audit.fn()).toMatchObject({ id, status: 'ok' });
  });
});

describe('what is no GraphQL request', () => {
  const json = { 'content-type': 'application/json' };
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const multipart = { 'content-type': 'multipart/form-data; boundary=x' };
  const part =
    '--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{"query":"{__typename}"}';
  type Parts = Omit<RequestInit, 'headers'> & { headers?: Record<string, string> };
  it.each<[number, string, string, Parts]>([
    [400, 'an empty object', '', { method: 'POST', headers: json, body: '{}' }],
    [400, 'null', '', { method: 'POST', headers: json, body: 'null' }],
    [400, 'an empty query', '', { method: 'POST', headers: json, body: '{"query":""}' }],
    [400, 'a GET without a query', '?variables={}', {}],
    [400, 'variables of a GET that are not JSON', '?query={a}&variables={', {}],
    [400, 'variables of a GET that are no object', '?query={a}&variables=[]', {}],
    [400, 'extensions of a GET that are not JSON', '?query={a}&extensions={', {}],
    [415, 'a form', '', { method: 'POST', headers: form, body: 'query={__typename}' }],
    [415, 'a form of parts', '', { method: 'POST', headers: multipart, body: `${part}\r\n--x--` }],
    [
      415,
      'the text of a document',
      '',
      { method: 'POST', headers: { 'content-type': 'application/graphql' }, body: '{__typename}' },
    ],
  ])('is answered with %i whatever its client accepts: %s', async (status, _what, query, init) => {
    await using gateway = await startTestGateway();
    for (const accept of ['*/*', 'application/json', 'application/graphql-response+json']) {
      const response = await fetch(`${gateway.url}/graphql${query}`, {
        ...init,
        headers: { ...init.headers, accept },
      });
      expect(response.status).toBe(status);
      expect(await response.json()).toEqual({
        errors: [
          { message: expect.stringMatching(/./) as string, extensions: { code: 'BAD_REQUEST' } },
        ],
      });
    }
  });
});

it('takes members of a request that it does not know for what the future brings', async () => {
  await using gateway = await startTestGateway();
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ __typename }', operationName: '', onError: 'NULL' }),
  });
  expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
});
