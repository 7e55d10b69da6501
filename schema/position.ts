import type { Builder } from './builder.ts';
import { badUserInput } from './errors.ts';

export function addPosition(builder: Builder): void {
  builder.scalarType('Position', {
    description:
      'The place of a message among the messages of its device. Opaque: keep the last one that you have seen, and pass it in `after` to resume. It is valid until the gateway starts a new log, which a gap `STREAM_RESET` reports.',
    serialize: (value) => value,
    parseValue: (value) => {
      if (typeof value !== 'string') throw badUserInput('A Position is a string.');
      return value;
    },
  });
}
