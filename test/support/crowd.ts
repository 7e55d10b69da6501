/**
 * A process full of subscribers, for a test that kills it: opens so many of
 * each kind to the gateway at this address, and says so.
 */
import { subscribeRaw } from './raw-subscriber.ts';
import { streamKinds } from './streams.ts';

const [url = '', count = ''] = process.argv.slice(2);

for (let i = 0; i < Number(count); i += 1) {
  await Promise.all(streamKinds.map((kind) => subscribeRaw(kind, url, `d${i}`)));
}
process.stdout.write('open\n');
