import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createLogOutput, type LogOutput } from '../../src/observe/log-output.ts';

interface Started {
  readonly output: LogOutput;
  readonly stream: Writable;
  /** What the reader has taken. */
  readonly taken: string[];
  readonly recovered: number[];
  /** The reader takes what waits and what comes from now on; or the stream fails. */
  readonly read: (error?: Error) => void;
}

/** A stream whose reader has stalled. */
function start(maxWaitingBytes: number): Started {
  const taken: string[] = [];
  const recovered: number[] = [];
  let waiting: ((error?: Error) => void) | undefined;
  let reading = false;
  const stream = new Writable({
    autoDestroy: false,
    write(chunk: Buffer, _encoding, done) {
      const take = (error?: Error): void => {
        if (error === undefined) taken.push(chunk.toString());
        done(error);
      };
      if (reading) take();
      else waiting = take;
    },
  });
  const output = createLogOutput({
    stream,
    maxWaitingBytes,
    recovered(dropped) {
      recovered.push(dropped);
      output.write(`${dropped} dropped\n`, false);
    },
  });
  return {
    output,
    stream,
    taken,
    recovered,
    read(error) {
      reading = error === undefined;
      waiting?.(error);
    },
  };
}

describe('the output of the log', () => {
  it('keeps so many bytes for a reader that does not read, and drops and counts the rest', () => {
    const { output, stream } = start(100);
    for (let i = 0; i < 15; i += 1) output.write('äää line\n', false);
    expect(stream.writableLength).toBe(96);
    expect(output.dropped).toBe(7);
  });

  it('keeps as much again of urgent lines, and no more', () => {
    const { output, stream } = start(20);
    for (const isUrgent of [false, false, false, true, true, true]) {
      output.write('ten bytes\n', isUrgent);
    }
    expect(stream.writableLength).toBe(40);
    expect(output.dropped).toBe(2);
  });

  it('says how many lines are missing when they can be written again', async () => {
    const { output, taken, recovered, read } = start(20);
    for (let i = 0; i < 5; i += 1) output.write(`line ${i}..\n`, false);
    expect(recovered).toEqual([]);
    read();
    expect(await output.flush(30_000)).toBe(true);
    expect(taken.filter((text) => text !== '')).toEqual([
      'line 0..\n',
      'line 1..\n',
      '3 dropped\n',
    ]);
    output.write('more\n', false);
    await output.flush(30_000);
    expect(recovered).toEqual([3]);
    expect(output.dropped).toBe(3);
  });

  it('counts a line that the stream fails to write', async () => {
    const { output, stream, taken, read } = start(100);
    output.write('lost\n', false);
    const failed = new Promise((resolve) => stream.once('error', resolve));
    read(new Error('no space left on the device'));
    await failed;
    expect(output.dropped).toBe(1);
    expect(taken).toEqual([]);
  });

  it('waits at its end for the reader, and no longer than it is told', async () => {
    const { output, taken, read } = start(100);
    expect(await output.flush(0)).toBe(true);
    output.write('last\n', false);
    expect(await output.flush(0)).toBe(false);
    const flushed = output.flush(30_000);
    read();
    expect(await flushed).toBe(true);
    expect(taken.filter((text) => text !== '')).toEqual(['last\n']);
  });

  it('listens once to a stream that several loggers write to', () => {
    const { stream } = start(100);
    for (let i = 0; i < 20; i += 1) {
      createLogOutput({ stream, maxWaitingBytes: 1, recovered: () => undefined });
    }
    expect(stream.listenerCount('error')).toBe(1);
  });
});
