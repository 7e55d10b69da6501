#!/usr/bin/env -S node --max-semi-space-size=16
// V8 takes what lives as long as its connection for a reason to grow its young generation to 64 MiB,
// which then is a third of what thousands of idle connections cost: docs/performance.md.
import process from 'node:process';
import { unsupportedNode } from './node-version.ts';

// Nothing else may be imported before the check: an older Node.js would stop at
// the first thing it does not know, with a message that helps nobody.
const complaint = unsupportedNode(process.versions.node);
if (complaint === undefined) {
  const { runCommand } = await import('./command.ts');
  await runCommand(process.argv);
} else {
  process.stderr.write(`${complaint}\n`);
  process.exitCode = 1;
}
