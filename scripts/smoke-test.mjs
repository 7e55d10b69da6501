// Starts the built gateway on the Node.js that runs this file, waits until it is
// ready, reads one message of a simulated device and ends it. Plain JavaScript,
// since the oldest Node.js that is supported cannot run TypeScript.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const main = join(import.meta.dirname, '..', 'dist', 'src', 'main.js');
const gateway = spawn(
  process.execPath,
  [main, 'serve', '--port', '0', '--embedded-mqtt-port', '0', '--log-format', 'json'],
  { stdio: ['ignore', 'ignore', 'pipe'] },
);
const exited = once(gateway, 'exit');
const deadline = setTimeout(() => gateway.kill('SIGKILL'), 30_000);

let log = '';
for await (const chunk of gateway.stderr.setEncoding('utf8')) {
  log += chunk;
  if (log.includes('"msg":"ready"')) break;
}
const [, url] = /"url":"(http:[^"]*)"/.exec(log) ?? [];
let seen = '';
if (url !== undefined) {
  const response = await fetch(`${url}/api/v1/stream?device_ids=tracker-001`);
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    seen += chunk;
    if (seen.includes('event: message')) break;
  }
}
gateway.kill('SIGTERM');
const [code] = await exited;
clearTimeout(deadline);
const ok = code === 0 && seen.includes('"device_id":"tracker-001"');
process.stdout.write(`Smoke test on Node.js ${process.version}: ${ok ? 'passed' : 'FAILED'}\n`);
if (!ok) process.stderr.write(log);
process.exitCode = ok ? 0 : 1;
