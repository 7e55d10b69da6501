/** A program that reads one message, lets go of everything and has nothing else to do: it ends by itself, or something was left behind. */
import { createSluiceClient } from '../../client/index.ts';

const [url = '', transport = '', how = ''] = process.argv.slice(2);
const client = createSluiceClient({ url, transport: transport as 'ws' | 'sse' });

for await (const { payload } of client.deviceMessages({ deviceIds: ['a'], replay: 1 })) {
  process.stdout.write(String(payload));
  break;
}
// Without `close`, the last stream has gone, and with it the connection.
if (how === 'close') {
  client.deviceMessages({ deviceIds: ['a', 'b'] });
  await client.query('{ brokerStats { version } }', {});
  await client.close();
}
