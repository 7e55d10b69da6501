#!/usr/bin/env node
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
