import { signal } from '@preact/signals';

/** The time, to the half second: for what is told as so long ago, or in so long. */
export const now = signal(Date.now());

setInterval(() => {
  now.value = Date.now();
}, 500);
