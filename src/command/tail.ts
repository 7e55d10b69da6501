import { styleText } from 'node:util';
import type { DeviceMessage } from '../../client/index.ts';
import { redactUrl } from '../config/kind.ts';
import { UsageError } from './command-error.ts';
import { connectToGateway } from './gateway-connection.ts';
import { gatewayUrl } from './gateway-options.ts';
import { jsonLine } from './json-line.ts';
import { createMessageLines } from './message-line.ts';
import { readOptions, type Flags } from './option.ts';
import { run, type CommandContext } from './run.ts';
import { goingOn, sincePositions } from './since-positions.ts';
import { tailOptions } from './tail-options.ts';
import { createTailCounters, type TailCounters } from './tail-counters.ts';
import { fit } from '../observe/terminal-text.ts';

/** How often the line at the bottom is brought up to date while no message comes. */
const refreshMs = 500;

/** Prints the messages of devices as they come. */
export function tail(flags: Flags): Promise<void> {
  return run(async (context) => {
    const { print, progress } = context;
    const values = readOptions(tailOptions, flags);
    if (values.deviceIds === undefined) {
      throw new UsageError(
        '--device-ids is missing: name the devices to follow, such as --device-ids tracker-001,tracker-002.',
      );
    }
    const deviceIds = [...new Set(values.deviceIds)];
    const positions = new Map(sincePositions(values.sincePosition ?? [], deviceIds));
    const asJson = flags['json'] === true || !process.stdout.isTTY;
    const counters = createTailCounters(
      redactUrl(gatewayUrl(values)),
      deviceIds.length,
      performance.now(),
    );
    const gateway = connectToGateway(values, context, (status) => {
      counters.follow(status);
    });
    const stopRefreshing = refresh(context, counters);
    const show = asJson ? jsonLine : linesOf(deviceIds);
    let shown = 0;
    try {
      const messages = gateway.client.deviceMessages({
        deviceIds,
        after: [...positions].map(([deviceId, position]) => ({ deviceId, position })),
        replay: values.replay,
        minIntervalMs: values.minIntervalMs,
        signal: gateway.signal,
      });
      for await (const message of messages) {
        await print(show(message));
        positions.set(message.deviceId, message.position);
        counters.count(message, performance.now());
        shown += 1;
        if (shown === values.count || gateway.signal.aborted) break;
      }
      if (shown !== values.count) gateway.signal.throwIfAborted();
    } catch (error) {
      throw gateway.failure(error);
    } finally {
      stopRefreshing();
      progress.end();
      if (context.wasInterrupted() && positions.size > 0) {
        progress.note(`To go on from here: ${goingOn(deviceIds, positions)}`);
      }
      await gateway.close();
    }
  });
}

function linesOf(deviceIds: readonly string[]): (message: DeviceMessage) => string {
  const lines = createMessageLines(deviceIds);
  return (message) => lines(message, process.stdout.columns || 80);
}

function refresh({ progress }: CommandContext, counters: TailCounters): () => void {
  if (!progress.isLive) return () => {};
  const draw = (): void => {
    const line = fit(counters.line(performance.now()), (process.stderr.columns || 80) - 1);
    progress.show(styleText('inverse', line, { stream: process.stderr }));
  };
  draw();
  const timer = setInterval(draw, refreshMs);
  return () => clearInterval(timer);
}
