import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTopicTemplate } from '../../src/config/topic-template.ts';

describe('parseTopicTemplate', () => {
  it('keeps the text and turns {deviceId} into + for the filter', () => {
    const template = parseTopicTemplate('site/+/{deviceId}/#');
    expect(template.text).toBe('site/+/{deviceId}/#');
    expect(template.filter).toBe('site/+/+/#');
    expect(template.hasDeviceId).toBe(true);
    expect(Object.isFrozen(template)).toBe(true);
  });

  it.each([
    ['devices/{deviceId}/messages', 'devices/a/messages', 'a'],
    ['devices/{deviceId}/messages', 'devices//messages', ''],
    ['devices/{deviceId}/messages', 'devices/a', undefined],
    ['devices/{deviceId}/messages', 'devices/a/messages/b', undefined],
    ['devices/{deviceId}/messages', 'devices/a/b/messages', undefined],
    ['devices/{deviceId}/messages', 'Devices/a/messages', undefined],
    ['{deviceId}', 'a', 'a'],
    ['{deviceId}', 'a/b', undefined],
    ['{deviceId}/#', 'a', 'a'],
    ['{deviceId}/#', 'a/b/c', 'a'],
    ['+/{deviceId}', 'x/a', 'a'],
    ['/{deviceId}', '/a', 'a'],
    ['/{deviceId}/', '/a/', 'a'],
    ['a.c/{deviceId}', 'abc/a', undefined],
    ['a.c/{deviceId}', 'a.c/a', 'a'],
    ['{deviceId}/#', 'a/line\nbreak', 'a'],
  ])('reads from %j and the topic %j the device id %j', (text, topic, deviceId) => {
    const template = parseTopicTemplate(text);
    expect(template.deviceIdOf(topic)).toBe(deviceId);
    expect(template.matches(topic)).toBe(deviceId !== undefined);
  });

  it.each(['+/{deviceId}', '{deviceId}/#', '{deviceId}/+'])(
    'does not match a topic that begins with $ by the wildcard that begins %s',
    (text) => {
      expect(parseTopicTemplate(text).matches('$SYS/uptime')).toBe(false);
    },
  );

  it('matches a topic that begins with $ when the template names it', () => {
    expect(parseTopicTemplate('$SYS/{deviceId}/#').deviceIdOf('$SYS/a/b')).toBe('a');
  });

  it('lets # match its parent level', () => {
    const template = parseTopicTemplate('a/{deviceId}/#');
    expect(template.deviceIdOf('a/b')).toBe('b');
    expect(template.deviceIdOf('a/b/')).toBe('b');
    expect(template.deviceIdOf('a')).toBeUndefined();
  });

  it.each([
    ['', 'a topic template must not be empty'],
    ['a\0/{deviceId}', 'the NUL character may not stand in "a\\u0000/{deviceId}"'],
    ['a/b', 'no level of "a/b" is {deviceId}'],
    ['{deviceId}/{deviceId}', '{deviceId} stands more than once in "{deviceId}/{deviceId}"'],
    [
      'a/x{deviceId}',
      '{deviceId} must be a whole level, not a part of "x{deviceId}" in "a/x{deviceId}"',
    ],
    ['a/{deviceid}', 'the only placeholder is {deviceId}, not {deviceid}, in "a/{deviceid}"'],
    ['a+/{deviceId}', '"+" must be a whole level, not a part of "a+" in "a+/{deviceId}"'],
    ['{deviceId}/b#', '"#" must be a whole level, not a part of "b#" in "{deviceId}/b#"'],
    ['#/{deviceId}', '"#" must be the last level in "#/{deviceId}"'],
  ])('refuses %j', (text, message) => {
    expect(() => parseTopicTemplate(text)).toThrow(new TypeError(message));
  });

  it('refuses a shared subscription', () => {
    expect(() => parseTopicTemplate('$share/group/{deviceId}')).toThrow(/is a shared subscription/);
  });

  it('refuses half a surrogate pair, which MQTT cannot carry', () => {
    expect(() => parseTopicTemplate('\ud800/{deviceId}')).toThrow(/half a surrogate pair/);
  });

  it('refuses a template that is too long for MQTT', () => {
    expect(() => parseTopicTemplate(`{deviceId}/${'é'.repeat(32_763)}`)).toThrow(/at most 65535/);
  });

  it('takes a template without {deviceId} when the payload holds the id', () => {
    const template = parseTopicTemplate('#', { deviceIdRequired: false });
    expect(template.hasDeviceId).toBe(false);
    expect(template.matches('a/b')).toBe(true);
    expect(template.matches('$SYS/a')).toBe(false);
    expect(template.deviceIdOf('a/b')).toBeUndefined();
  });

  it('matches exactly what a level by level comparison matches', () => {
    const template = fc
      .tuple(levels('a', 'b', '', '$a', 'a.b', '+', '{deviceId}'), fc.boolean())
      .map(([words, open]) => (open ? [...words, '#'] : words))
      .filter((words) => words.filter((word) => word === '{deviceId}').length <= 1)
      .map((words) => words.join('/'))
      .filter((text) => text !== '');
    const topic = levels('a', 'b', '', '$a', 'a.b', 'a\nb').map((words) => words.join('/'));
    fc.assert(
      fc.property(template, topic, (text, name) => {
        const parsed = parseTopicTemplate(text, { deviceIdRequired: false });
        const expected = naiveMatch(text.split('/'), name.split('/'));
        expect(parsed.matches(name)).toBe(expected.matches);
        expect(parsed.deviceIdOf(name)).toBe(expected.deviceId);
      }),
      { numRuns: 2_000 },
    );
  });
});

function levels(...words: string[]): fc.Arbitrary<string[]> {
  return fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 5 });
}

interface Match {
  matches: boolean;
  deviceId?: string | undefined;
}

/** The words of the MQTT specification, 4.7, one after the other. */
function naiveMatch(template: readonly string[], topic: readonly string[]): Match {
  if (/^(?:\+|#|\{deviceId\})$/.test(template[0]!) && topic[0]!.startsWith('$')) {
    return { matches: false };
  }
  let deviceId: string | undefined;
  for (let i = 0; i < template.length; i += 1) {
    if (template[i] === '#') return { matches: true, deviceId };
    if (i >= topic.length) return { matches: false };
    if (template[i] === '{deviceId}') deviceId = topic[i];
    else if (template[i] !== '+' && template[i] !== topic[i]) return { matches: false };
  }
  return topic.length === template.length ? { matches: true, deviceId } : { matches: false };
}
