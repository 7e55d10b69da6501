import type { Builder } from './builder.ts';
import { badUserInput } from './errors.ts';

export function addPosition(builder: Builder): void {
  builder.scalarType('Position', {
    description:
      "The place of a message among those of its device. Opaque: keep the last one you saw and hand it back. It is of use until the gateway's log is new, which the gateway tells.",
    serialize: (value) => value,
    parseValue: (value) => {
      if (typeof value !== 'string') throw badUserInput('A Position is a string.');
      return value;
    },
  });
}
