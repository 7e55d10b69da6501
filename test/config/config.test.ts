import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import {
  ConfigurationError,
  readSettings,
  resolveSettings,
  unknownVariables,
  type Settings,
} from '../../src/config.ts';
import type { GatewayOptions } from '../../src/config/gateway-options.ts';
import { redactUrl } from '../../src/config/kind.ts';
import { configurationPage } from '../../src/config/page.ts';
import { flagOf } from '../../src/config/option.ts';
import { definitions, settingNames, variableOf } from '../../src/config/setting.ts';
import { parseJsonPointer } from '../../src/ingest/device-id.ts';

const defaults = resolveSettings();

function faultsIn(env: Record<string, string>, flags: Record<string, string> = {}): string[] {
  try {
    readSettings({ env, flags });
  } catch (error) {
    if (error instanceof ConfigurationError) return [...error.faults];
    throw error;
  }
  return [];
}

describe('the settings', () => {
  it('have their defaults when nothing is set', () => {
    expect(defaults).toMatchObject({
      host: '127.0.0.1',
      port: 4000,
      allowedOrigins: [],
      allowedHosts: [],
      mqttUrl: undefined,
      embeddedMqttPort: 1883,
      simulatedDevices: 20,
      mqttQos: 1,
      mqttSessionExpiryS: 0,
      topics: ['devices/{deviceId}/messages'],
      deviceIdPointer: undefined,
      queueSize: 100,
      overflow: 'drop-newest',
      keepAliveMs: 25_000,
      drainMs: 10_000,
      maxPayloadBytes: 262_144,
      mqttMaxPacketBytes: 262_144 + 1_048_576,
      maxMessagesPerPayload: 1_000,
      maxDevices: 1_000_000,
      maxDeviceIds: 1_000,
      maxSubscriptionsPerConnection: 1_000,
      maxConnections: 100_000,
      maxRequestBytes: 1_048_576,
      logLevel: 'info',
    });
    expect(readSettings({ env: {}, flags: {} })).toEqual(defaults);
  });

  it('are all there, whether they have a value or not', () => {
    expect(Object.keys(defaults)).toEqual(settingNames);
    expect(Object.isFrozen(defaults)).toBe(true);
  });

  it('have the same name as variable, flag and option', () => {
    expect(variableOf('mqttSessionExpiryS')).toBe('SLUICE_MQTT_SESSION_EXPIRY_S');
    expect(flagOf('mqttSessionExpiryS')).toBe('--mqtt-session-expiry-s');
    expect(variableOf('maxSubscriptionsPerConnection')).toBe(
      'SLUICE_MAX_SUBSCRIPTIONS_PER_CONNECTION',
    );
    expect(flagOf('port')).toBe('--port');
  });

  it('have defaults that they accept themselves', () => {
    expect(resolveSettings(defaults)).toEqual(defaults);
  });

  it('are typed by their definitions', () => {
    expectTypeOf<Settings['port']>().toEqualTypeOf<number>();
    expectTypeOf<Settings['mqttUrl']>().toEqualTypeOf<string | undefined>();
    expectTypeOf<Settings['mqttQos']>().toEqualTypeOf<0 | 1 | 2>();
    expectTypeOf<Settings['topics']>().toEqualTypeOf<readonly string[]>();
    expectTypeOf<Settings['logFormat']>().toEqualTypeOf<'pretty' | 'json'>();
    expectTypeOf<Settings>().toExtend<GatewayOptions>();
    // It is generated, and must not say anything else than the definitions.
    expectTypeOf<GatewayOptions>().toEqualTypeOf<{
      readonly [Name in keyof Settings]?: Settings[Name] | undefined;
    }>();
    // @ts-expect-error -- a port is a number
    const wrongValue: GatewayOptions = { port: '4000' };
    // @ts-expect-error -- there is no such option
    const wrongName: GatewayOptions = { prot: 4000 };
    expect([wrongValue, wrongName]).toHaveLength(2);
  });
});

describe('resolveSettings', () => {
  it('takes what is given and fills in the rest', () => {
    const settings = resolveSettings({ port: 0, topics: ['+/{deviceId}'], mqttQos: 2 });
    expect(settings).toEqual({ ...defaults, port: 0, topics: ['+/{deviceId}'], mqttQos: 2 });
  });

  it('counts undefined as not given', () => {
    expect(resolveSettings({ port: undefined })).toEqual(defaults);
  });

  it('names every wrong option in one TypeError', () => {
    // What JavaScript lets through.
    const options: GatewayOptions = { queueSize: 0, topics: [] };
    Object.assign(options, { prot: 1, port: '4000' });
    expect(() => resolveSettings(options)).toThrow(
      new TypeError(
        [
          '4 options are wrong:',
          '  prot is no option; did you mean port?',
          '  port is "4000": it takes a whole number from 0 to 65535',
          '  topics is []: it takes topic templates such as devices/{deviceId}/messages',
          '  queueSize is 0: it takes a whole number from 1 to 1000000',
        ].join('\n'),
      ),
    );
  });

  it('does not hand out the array of the caller', () => {
    const topics = ['a/{deviceId}'];
    const settings = resolveSettings({ topics });
    topics.push('#');
    expect(settings.topics).toEqual(['a/{deviceId}']);
  });
});

describe('readSettings', () => {
  it('reads variables', () => {
    const env = {
      SLUICE_PORT: '8080',
      SLUICE_TOPICS: 'a/{deviceId}, b/+/{deviceId}/#',
      SLUICE_MQTT_QOS: '0',
      SLUICE_OVERFLOW: 'latest',
      SLUICE_MQTT_PASSWORD: ' with spaces ',
    };
    expect(readSettings({ env, flags: {} })).toMatchObject({
      port: 8080,
      topics: ['a/{deviceId}', 'b/+/{deviceId}/#'],
      mqttQos: 0,
      overflow: 'latest',
      mqttPassword: ' with spaces ',
    });
  });

  it('reads which pages may read', () => {
    const env = {
      SLUICE_ALLOWED_ORIGINS: 'https://dashboard.example, http://localhost:5173',
      SLUICE_ALLOWED_HOSTS: 'gateway.example, .lan, ::1',
    };
    expect(readSettings({ env, flags: {} })).toMatchObject({
      allowedOrigins: ['https://dashboard.example', 'http://localhost:5173'],
      allowedHosts: ['gateway.example', '.lan', '::1'],
    });
    expect(readSettings({ env, flags: { allowedOrigins: '*' } }).allowedOrigins).toEqual(['*']);
  });

  it('lets flags win over variables', () => {
    const env = { SLUICE_PORT: '1', SLUICE_QUEUE_SIZE: '2' };
    const settings = readSettings({ env, flags: { port: '3' } });
    expect(settings.port).toBe(3);
    expect(settings.queueSize).toBe(2);
  });

  it('does not mind a wrong variable that a flag overrules', () => {
    expect(faultsIn({ SLUICE_PORT: 'x' }, { port: '3' })).toEqual([]);
  });

  it('counts an empty variable as not set', () => {
    expect(readSettings({ env: { SLUICE_PORT: '', SLUICE_TOPICS: '' }, flags: {} })).toEqual(
      defaults,
    );
  });

  it('lets an empty flag set the default back', () => {
    const env = { SLUICE_MQTT_URL: 'mqtt://broker' };
    expect(readSettings({ env, flags: { mqttUrl: '' } }).mqttUrl).toBeUndefined();
  });

  it('names every wrong setting in one message, each on its own line', () => {
    const env = { SLUICE_PORT: 'x', SLUICE_QUEUE_SIZE: '-1' };
    expect(() => readSettings({ env, flags: { overflow: 'DROP' } })).toThrow(
      new ConfigurationError([
        'SLUICE_PORT is "x": it takes a whole number from 0 to 65535',
        'SLUICE_QUEUE_SIZE is -1: it takes a whole number from 1 to 1000000',
        '--overflow is "DROP": it takes one of drop-newest, drop-oldest, latest, disconnect',
      ]),
    );
  });

  it.each([
    ['SLUICE_PORT', '65536'],
    ['SLUICE_PORT', '1.5'],
    ['SLUICE_PORT', '0x10'],
    ['SLUICE_PORT', ' '],
    ['SLUICE_HOST', 'http://localhost'],
    ['SLUICE_ALLOWED_ORIGINS', 'dashboard.example'],
    ['SLUICE_ALLOWED_ORIGINS', 'https://dashboard.example,https://*.example'],
    ['SLUICE_ALLOWED_HOSTS', 'https://gateway.example'],
    ['SLUICE_ALLOWED_HOSTS', 'gateway.example:4000'],
    ['SLUICE_KEEP_ALIVE_MS', '99'],
    // A longer time would make a timer of Node.js fire at once.
    ['SLUICE_DRAIN_MS', '2147483648'],
    ['SLUICE_MQTT_QOS', '3'],
    ['SLUICE_MQTT_URL', 'localhost:1883'],
    ['SLUICE_MQTT_URL', 'http://localhost'],
    ['SLUICE_MQTT_URL', 'mqtt://'],
    ['SLUICE_LOG_LEVEL', 'verbose'],
    ['SLUICE_DEVICE_ID_POINTER', 'device_id'],
  ])('refuses %s=%s', (name, text) => {
    expect(faultsIn({ [name]: text })).toEqual([expect.stringMatching(`^${name} is `)]);
  });

  it('says precisely what is wrong with a topic', () => {
    expect(faultsIn({ SLUICE_TOPICS: 'a/{deviceId},b+/{deviceId}' })).toEqual([
      expect.stringContaining('"+" must be a whole level, not a part of "b+" in "b+/{deviceId}"'),
    ]);
  });

  it('wants {deviceId} in every topic unless a pointer finds the id', () => {
    expect(faultsIn({ SLUICE_TOPICS: 'a/+,b/{deviceId}' })).toEqual([
      'SLUICE_TOPICS has "a/+", of which no level is {deviceId}: ' +
        'put one in, or set SLUICE_DEVICE_ID_POINTER',
    ]);
    expect(faultsIn({ SLUICE_TOPICS: 'a/+', SLUICE_DEVICE_ID_POINTER: '/id' })).toEqual([]);
  });

  it('refuses topics that read the same', () => {
    expect(faultsIn({ SLUICE_TOPICS: '{deviceId}/+,+/{deviceId}' })).toEqual([
      'SLUICE_TOPICS has "{deviceId}/+" and "+/{deviceId}", which read the same topics: keep one',
    ]);
  });

  it('does not blame a setting for the fault of its companion', () => {
    const env = { SLUICE_TOPICS: 'a/+', SLUICE_DEVICE_ID_POINTER: 'id' };
    expect(faultsIn(env)).toEqual([expect.stringMatching(/^SLUICE_DEVICE_ID_POINTER is "id"/)]);
  });

  it('takes the pointers that the ingest takes', () => {
    for (const pointer of ['/a', '/a/b', '/', '/a~1b~0/0', 'a', '/~', '/~2', '/a/~01']) {
      const isTaken = faultsIn({ SLUICE_DEVICE_ID_POINTER: pointer }).length === 0;
      let isParsed = true;
      try {
        parseJsonPointer(pointer);
      } catch {
        // Throwing is its answer.
        isParsed = false;
      }
      expect({ pointer, isTaken }).toEqual({ pointer, isTaken: isParsed });
    }
  });

  it('recognises the variable that Kubernetes sets for a Service named sluice', () => {
    expect(faultsIn({ SLUICE_PORT: 'tcp://10.0.0.1:4000' })).toEqual([
      expect.stringContaining('enableServiceLinks: false'),
    ]);
  });

  it('keeps a session for an hour when there is a client id', () => {
    const env = { SLUICE_MQTT_CLIENT_ID: 'a' };
    expect(readSettings({ env, flags: {} }).mqttSessionExpiryS).toBe(3_600);
    expect(readSettings({ env, flags: { mqttSessionExpiryS: '0' } }).mqttSessionExpiryS).toBe(0);
  });

  it('takes packets of a longer payload when longer payloads are taken', () => {
    const env = { SLUICE_MAX_PAYLOAD_BYTES: '1000000' };
    expect(readSettings({ env, flags: {} }).mqttMaxPacketBytes).toBe(1_000_000 + 1_048_576);
    const longest = { SLUICE_MAX_PAYLOAD_BYTES: '268435455' };
    expect(readSettings({ env: longest, flags: {} }).mqttMaxPacketBytes).toBe(268_435_455);
  });

  it('wants a client id for a session', () => {
    expect(faultsIn({}, { mqttSessionExpiryS: '60' })).toEqual([
      '--mqtt-session-expiry-s needs SLUICE_MQTT_CLIENT_ID beside it: ' +
        'the broker finds a session by its client id',
    ]);
  });

  describe('with files', () => {
    let folder: string;
    let file: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'sluice-config-'));
      file = join(folder, 'some.pem');
      writeFileSync(file, '');
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    it('takes a certificate together with its key', () => {
      const env = { SLUICE_MQTT_CERT_FILE: file, SLUICE_MQTT_KEY_FILE: file };
      expect(readSettings({ env, flags: {} })).toMatchObject({
        mqttCertFile: file,
        mqttKeyFile: file,
      });
    });

    it.each([
      ['SLUICE_MQTT_CERT_FILE', 'SLUICE_MQTT_KEY_FILE'],
      ['SLUICE_MQTT_KEY_FILE', 'SLUICE_MQTT_CERT_FILE'],
    ])('refuses %s alone', (name, missing) => {
      expect(faultsIn({ [name]: file })).toEqual([
        expect.stringMatching(`^${name} needs ${missing} beside it`),
      ]);
    });

    it('refuses a file that is missing and a directory', () => {
      expect(faultsIn({ SLUICE_MQTT_CA_FILE: join(folder, 'no.pem') })).toEqual([
        expect.stringMatching(/ENOENT.*it takes the path of a file that can be read/),
      ]);
      expect(faultsIn({ SLUICE_MQTT_CA_FILE: folder })).toEqual([
        expect.stringContaining('is a directory'),
      ]);
    });
  });

  it('never shows a secret in a message', () => {
    const faults = faultsIn({
      SLUICE_MQTT_PASSWORD: 'secret\0',
      SLUICE_MQTT_URL: 'http://user:secret@broker',
    });
    expect(faults).toEqual([
      'SLUICE_MQTT_URL is "http://***@broker": ' +
        'it takes a URL that begins with mqtt://, mqtts://, ws://, wss://',
      'SLUICE_MQTT_PASSWORD is hidden: it takes a password',
    ]);
  });
});

describe('redactUrl', () => {
  it.each([
    ['mqtt://broker:1883', 'mqtt://broker:1883'],
    ['mqtt://[::1]:1883', 'mqtt://[::1]:1883'],
    ['mqtt://user:secret@broker:1883', 'mqtt://***@broker:1883'],
    ['mqtt://user:se/cr@et@broker', 'mqtt://***@broker'],
    ['wss://broker/mqtt?token=secret', 'wss://broker/mqtt?***'],
    ['mqtt://user:secret', 'mqtt://user:***'],
    ['user:secret@broker', 'user:***@broker'],
  ])('turns %s into %s', (address, redacted) => {
    expect(redactUrl(address)).toBe(redacted);
  });
});

describe('unknownVariables', () => {
  it('names the variable that was perhaps meant', () => {
    const env = { SLUICE_PROT: '1', SLUICE_MQTT_USER: 'a', SLUICE_BANANA: '', PATH: '/bin' };
    expect(unknownVariables(env)).toEqual([
      { name: 'SLUICE_PROT', suggestion: 'SLUICE_PORT' },
      { name: 'SLUICE_MQTT_USER', suggestion: 'SLUICE_MQTT_USERNAME' },
      { name: 'SLUICE_BANANA', suggestion: undefined },
    ]);
  });

  it('knows every setting, and what Kubernetes sets for a Service', () => {
    const names = [
      ...settingNames.map(variableOf),
      'SLUICE_SERVICE_HOST',
      'SLUICE_SERVICE_PORT_HTTP',
      'SLUICE_PORT_4000_TCP_ADDR',
    ];
    expect(unknownVariables(Object.fromEntries(names.map((name) => [name, 'x'])))).toEqual([]);
  });
});

describe('configurationPage', () => {
  it('has a row for every setting', () => {
    const page = configurationPage();
    for (const name of settingNames) {
      const names = `| \`${variableOf(name)}\`<br>\`${flagOf(name)} <`;
      expect(page.split(names)).toHaveLength(2);
      expect(page).toContain(definitions[name].description);
    }
  });
});
