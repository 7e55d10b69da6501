import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { isHostEntry, isOriginEntry } from '../../src/config/origin.ts';
import {
  createOriginPolicy,
  type OriginSettings,
  type Verdict,
} from '../../src/transport/origin-policy.ts';

const loopback = { host: '127.0.0.1', allowedOrigins: [], allowedHosts: [] };
const wildcard = { ...loopback, host: '0.0.0.0' };

/** A verdict in a word: who may read, or why nobody may. */
function wordOf(verdict: Verdict): string {
  if (!verdict.admitted) return verdict.reason;
  return verdict.allowOrigin ?? 'OWN';
}

function judge(
  settings: Partial<OriginSettings>,
  headers: Record<string, string>,
  options?: { anyHost: boolean },
): string {
  return wordOf(createOriginPolicy({ ...loopback, ...settings })(headers, options));
}

describe('the host that a request is sent to', () => {
  it.each<[string, string, readonly string[], string]>([
    ['127.0.0.1', '127.0.0.1:4000', [], 'OWN'],
    ['127.0.0.1', '127.8.9.10', [], 'OWN'],
    ['127.0.0.1', 'localhost:4000', [], 'OWN'],
    ['127.0.0.1', 'LOCALHOST.:4000', [], 'OWN'],
    ['127.0.0.1', '[::1]:4000', [], 'OWN'],
    ['127.0.0.1', '', [], 'OWN'],
    ['::1', 'localhost', [], 'OWN'],
    ['::1', '[0:0:0:0:0:0:0:1]:4000', [], 'OWN'],
    ['localhost', '127.0.0.1', [], 'OWN'],
    ['127.0.0.1', 'evil.example:4000', [], 'FOREIGN_HOST'],
    ['127.0.0.1', 'localhost.evil.example', [], 'FOREIGN_HOST'],
    ['127.0.0.1', '127.0.0.1.evil.example', [], 'FOREIGN_HOST'],
    ['127.0.0.1', 'evil-localhost', [], 'FOREIGN_HOST'],
    ['127.0.0.1', 'sub.localhost', [], 'FOREIGN_HOST'],
    ['127.0.0.1', 'localhost..', [], 'FOREIGN_HOST'],
    ['127.0.0.1', 'localhost@evil.example', [], 'FOREIGN_HOST'],
    ['127.0.0.1', 'evil.example#localhost', [], 'FOREIGN_HOST'],
    ['127.0.0.1', '192.168.1.5:4000', [], 'FOREIGN_HOST'],
    ['127.0.0.1', '0.0.0.0:4000', [], 'FOREIGN_HOST'],
    ['127.0.0.1', hostname(), [], 'FOREIGN_HOST'],
    ['0.0.0.0', '192.168.1.5:4000', [], 'OWN'],
    ['0.0.0.0', '[fd00::5]:4000', [], 'OWN'],
    ['0.0.0.0', 'localhost', [], 'OWN'],
    ['0.0.0.0', hostname().toUpperCase(), [], 'OWN'],
    ['::', '10.0.0.7', [], 'OWN'],
    ['::', 'evil.example', [], 'FOREIGN_HOST'],
    ['0.0.0.0', '1.2.3.4.evil.example', [], 'FOREIGN_HOST'],
    ['10.0.0.7', '10.0.0.7:4000', [], 'OWN'],
    ['10.0.0.7', 'evil.example', [], 'FOREIGN_HOST'],
    ['gateway.internal', 'Gateway.Internal.:4000', [], 'OWN'],
    ['gateway.internal', 'gateway.internal.evil.example', [], 'FOREIGN_HOST'],
    ['127.0.0.1', 'gw.example:8443', ['gw.example'], 'OWN'],
    ['127.0.0.1', 'GW.EXAMPLE.', ['gw.example'], 'OWN'],
    ['127.0.0.1', 'gw.example', ['GW.Example.'], 'OWN'],
    ['127.0.0.1', 'sub.gw.example', ['gw.example'], 'FOREIGN_HOST'],
    ['127.0.0.1', 'evil-gw.example', ['gw.example'], 'FOREIGN_HOST'],
    ['127.0.0.1', 'example.com', ['.example.com'], 'OWN'],
    ['127.0.0.1', 'a.b.Example.com:1', ['.example.com'], 'OWN'],
    ['127.0.0.1', 'evilexample.com', ['.example.com'], 'FOREIGN_HOST'],
    ['127.0.0.1', 'example.com.evil.example', ['.example.com'], 'FOREIGN_HOST'],
    ['127.0.0.1', '[fd00::5]', ['fd00::5'], 'OWN'],
    ['127.0.0.1', 'bücher.example', ['xn--bcher-kva.example'], 'OWN'],
    ['127.0.0.1', 'xn--bcher-kva.example', ['bücher.example'], 'OWN'],
    ['fe80::1%eth0', '.', [], 'FOREIGN_HOST'],
    // A Cyrillic letter is another name.
    ['127.0.0.1', 'lоcalhost', [], 'FOREIGN_HOST'],
    ['127.0.0.1', 'anything.example', ['*'], 'OWN'],
  ])('bound to %s, sent to %j, with %j allowed: %4$s', (host, sentTo, allowedHosts, expected) => {
    expect(judge({ host, allowedHosts }, { host: sentTo })).toBe(expected);
  });

  it('may be any for a probe, whose page of that host is foreign all the same', () => {
    const host = 'evil.example:4000';
    expect(judge({}, { host }, { anyHost: true })).toBe('OWN');
    expect(judge({}, { host, origin: `http://${host}` }, { anyHost: true })).toBe('FOREIGN_ORIGIN');
  });

  it('is not made right by an origin that equals it, as both are of the attacker in DNS rebinding', () => {
    for (const host of ['127.0.0.1', '0.0.0.0']) {
      const headers = { host: 'evil.example:4000', origin: 'http://evil.example:4000' };
      expect(judge({ host, allowedOrigins: ['*'] }, headers)).toBe('FOREIGN_HOST');
    }
  });
});

describe('the origin of a page', () => {
  const dashboard = 'https://dashboard.example';

  it.each<[string, string, string, readonly string[], string]>([
    // Its own pages, behind a proxy with HTTPS as well.
    ['0.0.0.0', '10.0.0.7:4000', 'http://10.0.0.7:4000', [], 'OWN'],
    ['0.0.0.0', '10.0.0.7', 'http://10.0.0.7', [], 'OWN'],
    ['0.0.0.0', '10.0.0.7', 'https://10.0.0.7', [], 'OWN'],
    ['0.0.0.0', '10.0.0.7:443', 'https://10.0.0.7', [], 'OWN'],
    ['0.0.0.0', '10.0.0.7:80', 'http://10.0.0.7', [], 'OWN'],
    ['0.0.0.0', '10.0.0.7:443', 'http://10.0.0.7', [], 'FOREIGN_ORIGIN'],
    ['0.0.0.0', '10.0.0.7:4000', 'http://10.0.0.7', [], 'FOREIGN_ORIGIN'],
    ['0.0.0.0', '10.0.0.7:4000', 'http://10.0.0.8:4000', [], 'FOREIGN_ORIGIN'],
    ['0.0.0.0', '10.0.0.7:4000', 'ftp://10.0.0.7:4000', [], 'FOREIGN_ORIGIN'],
    // Pages of this machine.
    ['127.0.0.1', '127.0.0.1:4000', 'http://localhost:5173', [], 'http://localhost:5173'],
    ['127.0.0.1', '127.0.0.1:4000', 'https://localhost', [], 'https://localhost'],
    ['127.0.0.1', '127.0.0.1:4000', 'HTTP://LOCALHOST:3000', [], 'http://localhost:3000'],
    ['127.0.0.1', 'localhost:4000', 'http://[::1]:3000', [], 'http://[::1]:3000'],
    ['::1', '[::1]:4000', 'http://127.0.0.1:3000', [], 'http://127.0.0.1:3000'],
    ['0.0.0.0', 'localhost:4000', 'http://localhost:5173', [], 'FOREIGN_ORIGIN'],
    ['127.0.0.1', 'localhost:4000', 'app://localhost', [], 'FOREIGN_ORIGIN'],
    // Others.
    ...[
      'null',
      '',
      'https://evil.example',
      'http://localhost.evil.example',
      'http://127.0.0.1.evil.example',
      'http://evil.example#localhost',
      'http://evil.example/http://localhost',
      'http://evil.example?localhost',
      'http://evil.example\\localhost',
      'http://localhost@evil.example',
      'http://localhost:3000@evil.example',
      'http://user@localhost:3000',
      'http://localhost:3000/',
      'http://localhost:3000, http://evil.example',
      'http://evil.example, http://localhost:3000',
      'http://localhost http://evil.example',
      'http://localhost:99999',
      'http://l%6fcalhost',
      'http://lоcalhost',
      'http://192.168.1.5',
      'http://',
      'localhost:3000',
      '//localhost:3000',
      'javascript:localhost',
      'file://',
      'chrome-extension://localhost',
    ].map((origin): [string, string, string, readonly string[], string] => [
      '127.0.0.1',
      '127.0.0.1:4000',
      origin,
      [dashboard],
      'FOREIGN_ORIGIN',
    ]),
    // Those that are allowed, as they are and not in part.
    ['127.0.0.1', '127.0.0.1:4000', dashboard, [dashboard], dashboard],
    ['0.0.0.0', '10.0.0.7', dashboard, [`HTTPS://Dashboard.EXAMPLE:443`], dashboard],
    ['127.0.0.1', 'localhost', `${dashboard}:444`, [dashboard], 'FOREIGN_ORIGIN'],
    ['127.0.0.1', 'localhost', 'http://dashboard.example', [dashboard], 'FOREIGN_ORIGIN'],
    ['127.0.0.1', 'localhost', 'https://a.dashboard.example', [dashboard], 'FOREIGN_ORIGIN'],
    ['127.0.0.1', 'localhost', 'https://dashboard.example.evil', [dashboard], 'FOREIGN_ORIGIN'],
    [
      '127.0.0.1',
      'localhost',
      'https://bücher.example',
      ['https://xn--bcher-kva.example'],
      'https://xn--bcher-kva.example',
    ],
    [
      '127.0.0.1',
      'localhost',
      'capacitor://localhost',
      ['capacitor://localhost'],
      'capacitor://localhost',
    ],
    ['127.0.0.1', 'localhost', 'https://evil.example', ['*'], 'https://evil.example'],
    // A page without an origin can't be named, so it is told that any may read.
    ['127.0.0.1', 'localhost', 'null', ['*'], '*'],
  ])(
    'bound to %s, sent to %s, by %j, with %j allowed',
    (host, sentTo, origin, allowedOrigins, expected) => {
      expect(judge({ host, allowedOrigins }, { host: sentTo, origin })).toBe(expected);
    },
  );
});

describe('a request without an origin', () => {
  it.each<[string, Record<string, string>, string]>([
    ['of a program', {}, 'OWN'],
    ['of a person', { site: 'none', mode: 'navigate', dest: 'document' }, 'OWN'],
    ['of its own page', { site: 'same-origin', mode: 'cors', dest: 'empty' }, 'OWN'],
    ['by a link', { site: 'cross-site', mode: 'navigate', dest: 'document' }, 'OWN'],
    ['by a frame', { site: 'cross-site', mode: 'navigate', dest: 'iframe' }, 'FOREIGN_ORIGIN'],
    ['by an image', { site: 'cross-site', mode: 'no-cors', dest: 'image' }, 'FOREIGN_ORIGIN'],
    ['by a script', { site: 'cross-site', mode: 'no-cors', dest: 'script' }, 'FOREIGN_ORIGIN'],
    ['by a form of loading to come', { site: 'cross-site' }, 'FOREIGN_ORIGIN'],
  ])('is judged by where it comes from: %s', (_what, fetched, expected) => {
    const headers = Object.fromEntries(
      Object.entries(fetched).map(([name, value]) => [`sec-fetch-${name}`, value]),
    );
    expect(judge({}, { host: 'localhost', ...headers })).toBe(expected);
    expect(judge({ allowedOrigins: ['*'] }, { host: 'localhost', ...headers })).toBe('OWN');
  });
});

describe('what a client is told', () => {
  function messageFor(headers: Record<string, string>): string {
    const verdict = createOriginPolicy(wildcard)(headers);
    return verdict.admitted ? '' : verdict.message;
  }

  it('is who was refused, and what to set', () => {
    expect(messageFor({ host: 'gw.example:4000' })).toBe(
      '"gw.example:4000" is not a name of this gateway. If it should be, put the host name into SLUICE_ALLOWED_HOSTS.',
    );
    expect(messageFor({ host: '10.0.0.7', origin: 'https://dashboard.example' })).toBe(
      'A page at "https://dashboard.example" may not read this gateway. If it should, put its origin into SLUICE_ALLOWED_ORIGINS.',
    );
  });

  it('is bounded, printable and on one line', () => {
    const message = messageFor({
      host: '10.0.0.7',
      origin: `\u009b2J"\r\n\u202e${'x'.repeat(60_000)}`,
    });
    expect(message.length).toBeLessThan(300);
    expect(message).toMatch(/^[ -~…]+$/);
  });
});

describe('the entries of the settings', () => {
  it.each([
    ['*', true],
    ['https://dashboard.example', true],
    ['http://localhost:5173', true],
    ['http://[::1]:5173', true],
    ['capacitor://localhost', true],
    ['dashboard.example', false],
    ['https://', false],
    ['https://dashboard.example/', false],
    ['https://*.example', false],
    ['https://user@dashboard.example', false],
    ['null', false],
    ['', false],
  ])('%j is an origin: %s', (entry, expected) => {
    expect(isOriginEntry(entry)).toBe(expected);
  });

  it.each([
    ['*', true],
    ['gw.example', true],
    ['.example.com', true],
    ['10.0.0.7', true],
    ['::1', true],
    ['[::1]', true],
    ['bücher.example', true],
    ['*.example.com', false],
    ['..example.com', false],
    ['.', false],
    ['gw.example:4000', false],
    ['gw.example:', false],
    ['[::1]:4000', false],
    ['http://gw.example', false],
    ['gw.example/', false],
    ['a b', false],
    ['', false],
  ])('%j is a host: %s', (entry, expected) => {
    expect(isHostEntry(entry)).toBe(expected);
  });
});
