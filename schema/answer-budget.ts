import type { DeviceMessage } from '../src/device-message.ts';
import { limitExceeded } from './errors.ts';

/** Of the messages in one answer, in characters: with the devices and messages that one query can name, it has no end. */
const maxCharacters = 16 * 1024 * 1024;
/** What a message takes in an answer besides its payload, at least. */
const overhead = 128;

/** How much one operation may still answer. */
export class AnswerBudget {
  #left = maxCharacters;
  #positions = 0;

  /** Throws when a message is too much. */
  spend({ payload }: DeviceMessage): void {
    this.#left -= payload.length + overhead;
    if (this.#left < 0) {
      throw limitExceeded(
        'The messages of one answer take 16 MiB at most: ask for fewer devices, or for fewer messages of each.',
      );
    }
  }

  /** Throws when an operation asks for more positions than it may name devices, under all its aliases together. */
  spendPositions(count: number, atMost: number): void {
    this.#positions += count;
    if (this.#positions > atMost) {
      throw limitExceeded(
        `currentPositions answers at most ${atMost} positions in one operation: ask for the others in another one.`,
      );
    }
  }
}
