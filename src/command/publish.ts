import { redactUrl } from '../config/kind.ts';
import { connectToBroker, type BrokerConnection } from './broker-connection.ts';
import { checkBrokerOptions, hasDeviceId, topicOf } from './broker-options.ts';
import { CommandError, UsageError } from './command-error.ts';
import { documentsOfFile, documentsOfLines, jsonDocument } from './json-documents.ts';
import { readOptions, type Flags, type OptionValues } from './option.ts';
import type { Progress } from './progress.ts';
import { publishOptions } from './publish-options.ts';
import { run } from './run.ts';
import { visible } from '../observe/terminal-text.ts';

/** Of a long input so many are on their way at a time: more gain nothing, and would wait in memory. */
const inFlightAtMost = 100;

type Values = OptionValues<typeof publishOptions>;

/** Publishes the messages that are given to it, in their order. */
export function publish(input: string | undefined, flags: Flags): Promise<void> {
  return run(async (context) => {
    const values = readOptions(publishOptions, flags);
    checkBrokerOptions(values);
    const topic = topicFor(values);
    const documents = documentsFor(input, values);
    // A wrong document is told before anybody is bothered with a connection.
    const first = await nextDocument(documents, context.signal);
    if (first === undefined) return;
    if (first.done === true)
      throw new CommandError('There was nothing to publish: the input is empty.');
    const broker = await connectToBroker(values, context);
    const retain = flags['retain'] === true;
    const window = createPublishWindow(
      (text) => broker.publish(topic, text, retain),
      broker,
      context.progress,
    );
    try {
      await window.send(first.value);
      await sendRest(documents, window, context.signal);
      await window.flush();
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      // What was right before a wrong line is on its way, and counts.
      await window.flush().catch(() => undefined);
      throw withCount(error, window.published);
    } finally {
      await broker.close();
    }
    context.progress.end();
    const count = window.published === 1 ? '1 message' : `${window.published} messages`;
    const { mqttUrl, qos } = values;
    await context.print(
      `Published ${count} to ${visible(topic)} (${redactUrl(mqttUrl)}, QoS ${qos}).\n`,
    );
  });
}

function topicFor({ topic, deviceId }: Values): string {
  if (!hasDeviceId(topic)) return topic;
  if (deviceId === undefined) {
    throw new UsageError('--device-id is missing: name the device that the message is of.');
  }
  return topicOf(topic, deviceId);
}

function documentsFor(
  input: string | undefined,
  { payload, file }: Values,
): AsyncIterableIterator<string> {
  if (input !== undefined && input !== '-') {
    throw new UsageError(
      `${JSON.stringify(input)} is one argument too many: give the message with --payload, a file with --file, or - for the standard input.`,
    );
  }
  const given = [payload, file, input].filter((source) => source !== undefined).length;
  if (given !== 1) {
    throw new UsageError(
      `${given === 0 ? 'The message is missing' : 'There is more than one source of messages'}: give either --payload '{"a":1}', or --file message.json, or - to read one message a line from the standard input.`,
    );
  }
  if (file !== undefined) return documentsOfFile(file);
  if (payload !== undefined) return single(payload);
  return documentsOfLines(process.stdin, 'the standard input');
}

async function* single(payload: string): AsyncIterableIterator<string> {
  yield jsonDocument(payload, '--payload');
}

/** Publishes in order, with a bounded number of messages on their way. */
interface PublishWindow {
  readonly published: number;
  /** Resolves when there is room for the next one. */
  send(text: string): Promise<void>;
  /** Resolves when the broker has all. */
  flush(): Promise<void>;
}

function createPublishWindow(
  publishOne: (text: string) => Promise<void>,
  broker: Pick<BrokerConnection, 'maxInFlight'>,
  progress: Progress,
): PublishWindow {
  const inFlight = new Set<Promise<void>>();
  let published = 0;
  const failures: unknown[] = [];
  async function follow(text: string): Promise<void> {
    try {
      await publishOne(text);
      published += 1;
    } catch (error) {
      failures.push(error);
    }
    progress.show(`published ${published}, ${inFlight.size - 1} on their way`);
  }
  async function waitForRoom(room: number): Promise<void> {
    while (inFlight.size > room && failures.length === 0) await Promise.race(inFlight);
    if (failures.length > 0) throw failures[0];
  }
  return {
    get published() {
      return published;
    },
    async send(text) {
      const following = follow(text);
      inFlight.add(following);
      void following.finally(() => inFlight.delete(following));
      await waitForRoom(Math.min(inFlightAtMost, broker.maxInFlight) - 1);
    },
    flush: () => waitForRoom(0),
  };
}

async function sendRest(
  documents: AsyncIterator<string>,
  window: PublishWindow,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const next = await nextDocument(documents, signal);
    if (next === undefined || next.done === true) return;
    await window.send(next.value);
  }
}

/** Undefined at the signal, also while the input has nothing to say. */
async function nextDocument(
  documents: AsyncIterator<string>,
  signal: AbortSignal,
): Promise<IteratorResult<string> | undefined> {
  const { promise: aborted, resolve } = Promise.withResolvers<undefined>();
  const listener = (): void => resolve(undefined);
  signal.addEventListener('abort', listener);
  try {
    const next = signal.aborted ? undefined : await Promise.race([documents.next(), aborted]);
    // What a terminal or a pipe has not sent yet is not waited for.
    if (next === undefined) process.stdin.destroy();
    return next;
  } finally {
    signal.removeEventListener('abort', listener);
  }
}

function withCount(error: CommandError, published: number): CommandError {
  return new CommandError(`${error.message}\n  Published before that: ${published}.`, {
    cause: error,
  });
}
