#!/usr/bin/env node
import process from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { unsupportedNode } from './node-version.ts';

// Nothing else may be imported before the check: an older Node.js would stop at
// the first thing it does not know, with a message that helps nobody.
const complaint = unsupportedNode(process.versions.node);
if (complaint === undefined) {
  // What lives longer than a turn here lives as long as its connection. V8 takes
  // that for a reason to grow its young generation to 64 MiB, which then makes up
  // half of what thousands of idle connections cost, and is more than the
  // processor's cache holds: fan-out is faster without.
  setFlagsFromString('--semi-space-growth-factor=1');
  const { runCommand } = await import('./command.ts');
  await runCommand(process.argv);
} else {
  process.stderr.write(`${complaint}\n`);
  process.exitCode = 1;
}
