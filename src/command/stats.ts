import { styleText } from 'node:util';
import { BrokerStatsDocument, WatchBrokerStatsDocument } from '../../client/generated/graphql.ts';
import { connectToGateway, type GatewayConnection } from './gateway-connection.ts';
import { jsonLine } from './json-line.ts';
import { readOptions, type Flags } from './option.ts';
import { run, type CommandContext } from './run.ts';
import { statsOptions } from './stats-options.ts';
import { statsTable, type Stats } from './stats-table.ts';
import { fit } from '../observe/terminal-text.ts';

/** Prints what a gateway does, once or again and again. */
export function stats(flags: Flags): Promise<void> {
  return run(async (context) => {
    const values = readOptions(statsOptions, flags);
    const gateway = connectToGateway(values, context);
    context.progress.show(`asking ${gateway.address}`);
    const asJson = flags['json'] === true || !process.stdout.isTTY;
    try {
      if (flags['watch'] === true) {
        const print = asJson ? jsonPrinter(context) : tablePrinter(context, gateway.address);
        await watch(gateway, values.intervalMs, print);
      } else {
        await printOnce(gateway, context, asJson);
      }
    } catch (error) {
      throw gateway.failure(error);
    } finally {
      await gateway.close();
    }
  });
}

async function printOnce(
  { client, signal, address }: GatewayConnection,
  { print, progress }: CommandContext,
  asJson: boolean,
): Promise<void> {
  const data = await client.query(BrokerStatsDocument, {}, { signal });
  // Without them there are errors, with which the query is rejected.
  const brokerStats = data.brokerStats!;
  progress.end();
  await print(
    asJson ? jsonLine(brokerStats) : `${drawn(statsTable(brokerStats, undefined, address))}\n`,
  );
}

async function watch(
  { client, signal }: GatewayConnection,
  intervalMs: number,
  print: (stats: Stats) => Promise<void>,
): Promise<void> {
  const all = client.subscribe(WatchBrokerStatsDocument, { intervalMs }, { signal });
  for await (const { brokerStats } of all) await print(brokerStats);
  // The iterator ends without a word at the signal, of which there are two.
  signal.throwIfAborted();
}

function jsonPrinter({ print }: CommandContext) {
  return (brokerStats: Stats) => print(jsonLine(brokerStats));
}

/** Each table takes the place of the one before. */
function tablePrinter({ print, progress }: CommandContext, address: string) {
  let before: Stats | undefined;
  let height = 0;
  return async (brokerStats: Stats): Promise<void> => {
    // The last line is for what is waited for, and the cursor.
    const rows = Math.max(1, (process.stdout.rows || 24) - 2);
    const lines = statsTable(brokerStats, before, address).slice(0, rows);
    const up = height === 0 ? '' : `\u001b[${height}A\r\u001b[J`;
    height = lines.length;
    before = brokerStats;
    progress.end();
    await print(`${up}${drawn(lines)}\n`);
  };
}

function drawn(lines: readonly string[]): string {
  const columns = process.stdout.columns || 80;
  return lines
    .map((line) => fit(line, columns))
    .map((line, i) =>
      i === 0 || /^(?:since the start +total|now$)/.test(line) ? styleText('bold', line) : line,
    )
    .map((line) => line.replace('NOT CONNECTED', styleText('red', 'NOT CONNECTED')))
    .join('\n');
}
