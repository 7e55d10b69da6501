import { createServer } from 'node:http';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { total } from '../../src/metrics/counts.ts';
import { openBrowser, type Browser } from '../support/browser.ts';
import { connectDevice } from '../support/device.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { listening, type ListeningServer } from '../support/listening-server.ts';

const attacker = 'evil.example';
const payload = '{"secret":42}';

/** An empty page, which a browser finds under the name of the attacker. */
function startPage(): Promise<ListeningServer> {
  return listening(
    createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>');
    }),
  );
}

/** A gateway that has a message to lose, and a browser with no idea whose the name is. */
async function startGatewayWithSecret(
  allowedOrigins: readonly string[] = [],
): Promise<TestGateway> {
  const gateway = await startTestGateway({ allowedOrigins });
  await using device = await connectDevice(gateway.mqttUrl);
  await device.publish('devices/a/messages', payload);
  await gateway.until(({ totalMessagesProcessed }) => totalMessagesProcessed === 1);
  return gateway;
}

function openVictim(): Promise<Browser> {
  return openBrowser({ namesOfThisMachine: [attacker] });
}

/**
 * Everything that a page can try to read a gateway, with what it has read. Runs
 * in the page; each try ends with an event of the browser.
 */
async function tryAll(gateway: string): Promise<Record<string, string>> {
  const nothing = 'nothing';
  const query = '{ device(id: "a") { lastMessage { payload } } }';
  const follow = 'subscription { deviceMessages(deviceIds: ["a"], replay: 1) { payload } }';
  const search = (text: string): string => `/graphql?query=${encodeURIComponent(text)}`;
  const plain = '/api/v1/stream?device_ids=a';
  const json = { 'content-type': 'application/json' };

  async function read(path: string, init: RequestInit): Promise<string> {
    try {
      const response = await fetch(gateway + path, init);
      // A 403 that a page of the same origin reads is the refusal.
      return (response.ok && (await response.text())) || nothing;
    } catch {
      return nothing;
    }
  }

  function openWebSocket(path: string, protocol?: string): Promise<string> {
    return new Promise((resolve) => {
      const socket = new WebSocket(gateway.replace('http', 'ws') + path, protocol);
      socket.addEventListener('close', () => resolve(nothing));
      socket.addEventListener('open', () => {
        resolve('open');
        socket.close();
      });
    });
  }

  function openEvents(path: string): Promise<string> {
    return new Promise((resolve) => {
      const source = new EventSource(gateway + path);
      const end = (outcome: string): void => {
        resolve(outcome);
        source.close();
      };
      source.addEventListener('open', () => end('open'));
      source.addEventListener('error', () => end(nothing));
    });
  }

  /** What is in the frame after it was loaded, as far as its page may look. */
  function contentOf(frame: HTMLIFrameElement): Promise<string> {
    return new Promise((resolve) => {
      frame.addEventListener('load', () => {
        try {
          const text = frame.contentDocument?.body.textContent ?? '';
          resolve(text.includes('secret') ? text : nothing);
        } catch {
          resolve(nothing);
        }
      });
    });
  }

  function openFrame(path: string): Promise<string> {
    const frame = document.createElement('iframe');
    frame.src = gateway + path;
    const content = contentOf(frame);
    document.body.append(frame);
    return content;
  }

  function sendForm(): Promise<string> {
    const frame = document.createElement('iframe');
    frame.name = 'answer';
    const form = document.createElement('form');
    Object.assign(form, {
      action: `${gateway}/graphql`,
      method: 'post',
      enctype: 'text/plain',
      target: 'answer',
    });
    const field = document.createElement('input');
    Object.assign(field, { name: `{"query":${JSON.stringify(query)},"a":"`, value: '"}' });
    form.append(field);
    document.body.append(frame, form);
    const content = contentOf(frame);
    form.submit();
    return content;
  }

  function load(element: HTMLScriptElement | HTMLImageElement, path: string): Promise<string> {
    return new Promise((resolve) => {
      element.addEventListener('load', () => resolve('loaded'));
      element.addEventListener('error', () => resolve(nothing));
      element.src = gateway + path;
      document.body.append(element);
    });
  }

  const body = JSON.stringify({ query });
  const tries: Record<string, () => Promise<string>> = {
    GET: () => read(search(query), {}),
    'GET without CORS': () => read(search(query), { mode: 'no-cors' }),
    'GET of the statistics': () => read('/api/v1/stream/stats', {}),
    'GET of the page': () => read('/', {}),
    POST: () => read('/graphql', { method: 'POST', headers: json, body }),
    'POST of text without CORS': () => read('/graphql', { method: 'POST', mode: 'no-cors', body }),
    PUT: () => read('/graphql', { method: 'PUT' }),
    OPTIONS: () => read('/graphql', { method: 'OPTIONS' }),
    'WebSocket of GraphQL': () => openWebSocket('/graphql', 'graphql-transport-ws'),
    'WebSocket of the plain stream': () => openWebSocket(plain),
    'EventSource of GraphQL': () => openEvents(search(follow)),
    'EventSource of the plain stream': () => openEvents(plain),
    form: sendForm,
    frame: () => openFrame(search(query)),
    'frame of the plain stream': () => openFrame(plain),
    script: () => load(document.createElement('script'), search(query)),
    'script of the plain stream': () => load(document.createElement('script'), plain),
    image: () => load(document.createElement('img'), plain),
  };
  const outcomes: Record<string, string> = {};
  for (const [name, attempt] of Object.entries(tries)) outcomes[name] = await attempt();
  return outcomes;
}

/** What of all this has read something. */
async function readBy(page: Page, gateway: string): Promise<Record<string, string>> {
  const outcomes = await page.evaluate(tryAll, gateway);
  expect(Object.keys(outcomes).length).toBeGreaterThan(15);
  return Object.fromEntries(Object.entries(outcomes).filter(([, read]) => read !== 'nothing'));
}

function expectNothingOpened(gateway: TestGateway): void {
  const { activeSubscribers, connections, subscriptionsEndedByReason } = gateway.stats();
  const ended = subscriptionsEndedByReason.map(({ reason, count }) => [reason, count]);
  expect({ activeSubscribers, connections }).toEqual({ activeSubscribers: 0, connections: 0 });
  expect(total(Object.fromEntries(ended) as Record<string, number>)).toBe(0);
}

describe('a page of an attacker, in a browser on the machine of the gateway', () => {
  it('reads nothing, and opens nothing', async () => {
    await using gateway = await startGatewayWithSecret();
    await using server = await startPage();
    await using browser = await openVictim();
    const { port } = new URL(server.url);
    for (const host of ['127.0.0.1', 'localhost']) {
      await browser.page.goto(`http://${attacker}:${port}/`);
      const address = gateway.url.replace('127.0.0.1', host);
      expect(await readBy(browser.page, address)).toEqual({});
    }
    expectNothingOpened(gateway);
  });

  it('reads nothing when its own name leads to the gateway', async () => {
    await using gateway = await startGatewayWithSecret();
    await using browser = await openVictim();
    const { port } = new URL(gateway.url);
    const rebound = `http://${attacker}:${port}`;
    const response = await browser.page.goto(`${rebound}/graphql`);
    expect(response!.status()).toBe(403);
    expect(await readBy(browser.page, rebound)).toEqual({});
    expectNothingOpened(gateway);
  });

  it('reads when its origin is allowed', async () => {
    await using server = await startPage();
    const { port } = new URL(server.url);
    const origin = `http://${attacker}:${port}`;
    await using gateway = await startGatewayWithSecret([origin]);
    await using browser = await openVictim();
    await browser.page.goto(`${origin}/`);
    const read = await readBy(browser.page, gateway.url);
    expect(read).toMatchObject({
      GET: expect.stringContaining('"secret":42') as string,
      POST: expect.stringContaining('"secret":42') as string,
      PUT: expect.stringMatching(/^[\da-f-]{36}\n?$/) as string,
      'GET of the statistics': expect.stringContaining('total_messages_processed') as string,
      'WebSocket of GraphQL': 'open',
      'WebSocket of the plain stream': 'open',
      'EventSource of GraphQL': 'open',
      'EventSource of the plain stream': 'open',
    });
    // What is embedded does not say whose page it is for.
    expect(Object.keys(read).filter((name) => /frame|form|script|image/.test(name))).toEqual([]);
  });
});
