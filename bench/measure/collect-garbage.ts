/**
 * Preloaded into every row that runs on Node (`node --import`), so that idle memory is compared after a
 * full collection in all of them alike: SIGUSR2 collects. It changes nothing else.
 */
import { setFlagsFromString } from 'node:v8';
import { isMainThread } from 'node:worker_threads';
import { runInNewContext } from 'node:vm';

if (isMainThread) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  process.on('SIGUSR2', () => {
    collect();
    collect();
  });
}
