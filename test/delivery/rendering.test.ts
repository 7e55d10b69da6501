import { describe, expect, it } from 'vitest';
import type { DeviceMessage, Gap } from '../../src/kernel/device-message.ts';
import { RenderingMemory, SharedRendering } from '../../src/delivery/rendering.ts';
import { createMessages, told } from '../support/messages.ts';

const gap: Gap = { missed: 2, reason: 'QUEUE_OVERFLOW' };

/** A rendering of so many bytes a message, and what it has been made to render. */
function open(
  bytesEach = 10,
  memory = new RenderingMemory(4 * 1024 * 1024),
): { rendering: SharedRendering; rendered: string[] } {
  const rendered: string[] = [];
  const rendering = new SharedRendering(
    (message, before) => {
      rendered.push(told(before === null ? message : { ...message, gap: before }));
      return Buffer.alloc(bytesEach, message.sequence);
    },
    { memory, tellsGaps: true },
  );
  return { rendering, rendered };
}

function messagesOf(count: number): DeviceMessage[] {
  const nextMessage = createMessages();
  return Array.from({ length: count }, () => nextMessage('a'));
}

describe('a SharedRendering', () => {
  it('renders a message once for all who get it from dispatch', () => {
    const { rendering, rendered } = open();
    for (const message of messagesOf(3)) {
      const bytes = rendering.bytes(message, null, false);
      expect(rendering.bytes(message, null, false)).toBe(bytes);
      expect(rendering.bytes(message, null, false)).toBe(bytes);
      expect(bytes[0]).toBe(message.sequence);
    }
    expect(rendered).toEqual(['a1', 'a2', 'a3']);
  });

  it('renders a message once for all who come to it out of their queues, one after the other', () => {
    const { rendering, rendered } = open();
    const messages = messagesOf(100);
    const first = messages.map((message) => rendering.bytes(message, null, true));
    const second = messages.map((message) => rendering.bytes(message, null, true));
    expect(rendered).toHaveLength(100);
    for (const [i, bytes] of second.entries()) expect(bytes).toBe(first[i]);
  });

  it('does not render again for a queue what dispatch has just asked for', () => {
    const { rendering, rendered } = open();
    const [message] = messagesOf(1);
    const bytes = rendering.bytes(message!, null, false);
    expect(rendering.bytes(message!, null, true)).toBe(bytes);
    expect(rendered).toEqual(['a1']);
  });

  it('tells two messages apart that look the same', () => {
    const { rendering, rendered } = open();
    const [message] = messagesOf(1);
    const twin = { ...message! };
    rendering.bytes(message!, null, true);
    rendering.bytes(twin, null, true);
    expect(rendered).toEqual(['a1', 'a1']);
  });

  it('renders a gap for the one who has it, and gives it to nobody else', () => {
    const { rendering, rendered } = open();
    const [message] = messagesOf(1);
    const before = rendering.bytes(message!, null, true);
    const own = rendering.bytes(message!, gap, true);
    expect(own).not.toBe(before);
    expect(rendering.bytes(message!, { ...gap }, true)).toBe(own);
    const other = rendering.bytes(message!, { ...gap, missed: 3 }, true);
    expect(other).not.toBe(own);
    expect(rendering.bytes(message!, null, true)).toBe(before);
    expect(rendering.bytes(message!, null, false)).toBe(before);
    expect(rendered).toEqual(['a1', 'a1 after 2 QUEUE_OVERFLOW', 'a1 after 3 QUEUE_OVERFLOW']);
  });

  it('renders no gap where none is told', () => {
    const rendering = new SharedRendering(
      (_message, before) => Buffer.from(JSON.stringify(before)),
      { memory: new RenderingMemory() },
    );
    const [message] = messagesOf(1);
    const bytes = rendering.bytes(message!, gap, false);
    expect(bytes.toString()).toBe('null');
    expect(rendering.bytes(message!, null, false)).toBe(bytes);
  });

  it('does not take the bytes with a gap for those without', () => {
    const { rendering, rendered } = open();
    const [message] = messagesOf(1);
    const own = rendering.bytes(message!, gap, false);
    expect(rendering.bytes(message!, null, false)).not.toBe(own);
    expect(rendered).toEqual(['a1 after 2 QUEUE_OVERFLOW', 'a1']);
  });

  it('keeps the bytes of the last 128 messages out of queues, and no more', () => {
    const { rendering, rendered } = open();
    const messages = messagesOf(129);
    for (const message of messages) rendering.bytes(message, null, true);
    rendered.length = 0;
    for (const message of messages.slice(1)) rendering.bytes(message, null, true);
    expect(rendered).toEqual([]);
    rendering.bytes(messages[0]!, null, true);
    expect(rendered).toEqual(['a1']);
  });

  it('keeps no more than all renderings may together, and the right bytes all the same', () => {
    const memory = new RenderingMemory(1_000);
    const all = [open(100, memory), open(100, memory), open(100, memory)];
    for (const message of messagesOf(30)) {
      for (const { rendering } of all) {
        expect(rendering.bytes(message, null, true)[0]).toBe(message.sequence);
        expect(memory.bytes).toBeLessThanOrEqual(1_000);
      }
    }
    expect(memory.bytes).toBeGreaterThan(0);
    for (const { rendering } of all) rendering.forget();
    expect(memory.bytes).toBe(0);
  });

  it('keeps the gap that it has rendered, and not one whose rendering has failed', () => {
    let fails = false;
    const rendering = new SharedRendering(
      (message, before) => {
        if (fails) throw new Error('it fails');
        return Buffer.from(told(before === null ? message : { ...message, gap: before }));
      },
      { memory: new RenderingMemory(), tellsGaps: true },
    );
    const [message] = messagesOf(1);
    rendering.bytes(message!, gap, false);
    fails = true;
    const other: Gap = { missed: 7, reason: 'CONFLATED' };
    expect(() => rendering.bytes(message!, other, false)).toThrow('it fails');
    fails = false;
    expect(rendering.bytes(message!, other, false).toString()).toBe('a1 after 7 CONFLATED');
  });

  it('takes a message that is larger than everything it may keep, and keeps others after it', () => {
    const sizes = [5 * 1024 * 1024, 10, 10];
    const rendered: number[] = [];
    const rendering = new SharedRendering(
      ({ sequence }) => {
        rendered.push(sequence);
        return Buffer.alloc(sizes[sequence - 1]!);
      },
      { memory: new RenderingMemory(4 * 1024 * 1024) },
    );
    const [large, one, other] = messagesOf(3);
    expect(rendering.bytes(large!, null, true)).toHaveLength(5 * 1024 * 1024);
    for (const message of [one!, other!, one!, other!]) rendering.bytes(message, null, true);
    expect(rendered).toEqual([1, 2, 3]);
    rendering.bytes(large!, null, true);
    expect(rendered).toEqual([1, 2, 3, 1]);
  });

  it('keeps nothing of what dispatch asks for but the last', () => {
    const { rendering, rendered } = open();
    const [one, other] = messagesOf(2);
    rendering.bytes(one!, null, false);
    rendering.bytes(other!, null, false);
    rendering.bytes(one!, null, false);
    expect(rendered).toEqual(['a1', 'a2', 'a1']);
  });
});
