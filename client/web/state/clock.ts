import { signal } from '@preact/signals';

/** The time, to the half second: for what is told as so long ago, or in so long. */
export const now = signal(Date.now());

setInterval(() => {
  now.value = Date.now();
}, 500);

/** So many seconds in the two largest units: `3 h 20 min`. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  const [minutes, hours, days] = [Math.floor(s / 60), Math.floor(s / 3600), Math.floor(s / 86_400)];
  if (days > 0) return `${days} d ${hours % 24} h`;
  if (hours > 0) return `${hours} h ${minutes % 60} min`;
  return minutes > 0 ? `${minutes} min ${s % 60} s` : `${s} s`;
}
