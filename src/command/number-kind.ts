import { integer, type Kind } from '../config/kind.ts';

interface Numbers {
  /** Itself not taken. */
  readonly above: number;
  readonly max: number;
  readonly placeholder: string;
}

/** A number that need not be whole. */
export function number({ above, max, placeholder }: Numbers): Kind<number> {
  return {
    takes: `a number above ${above}, up to ${max}`,
    placeholder,
    parse: (text) => (/^\+?(?:\d+\.?\d*|\.\d+)$/.test(text.trim()) ? Number(text) : text),
    check: (value) =>
      typeof value === 'number' && value > above && value <= max
        ? { ok: true, value }
        : { ok: false },
    show: (value) => integer({ min: 0, max }).show(value),
  };
}
