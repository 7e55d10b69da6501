import { accessSync, constants, statSync } from 'node:fs';
import { inspect } from 'node:util';

/** What a setting takes: how its value is read from text, checked and shown. */
export interface Kind<Value> {
  /** For a person: "a whole number from 0 to 65535". */
  readonly takes: string;
  /** The value in TypeScript: `number`. */
  readonly type: string;
  /** In the help: `--port <port>`. */
  readonly placeholder: string;
  /** From a variable or a flag. What cannot be read stays text, for `check` to refuse. */
  parse(text: string): unknown;
  check(value: unknown): Checked<Value>;
  /** What a message shows of a refused value; never a secret. */
  show(value: unknown): string;
}
export type Checked<Value> =
  | { readonly ok: true; readonly value: Value }
  /** `why` names the fault where "it takes …" would not be precise enough. */
  | { readonly ok: false; readonly why?: string };

interface Numbers {
  readonly min: number;
  readonly max: number;
  readonly placeholder?: string;
}

export function integer({ min, max, placeholder = 'number' }: Numbers): Kind<number> {
  return {
    takes: `a whole number from ${min} to ${max}`,
    type: 'number',
    placeholder,
    parse: (value) => (/^[+-]?\d+$/.test(value.trim()) ? Number(value) : value),
    check: (value) =>
      Number.isInteger(value) && Number(value) >= min && Number(value) <= max
        ? { ok: true, value: Number(value) }
        : { ok: false },
    show,
  };
}

interface Fractions {
  /** Itself not taken. */
  readonly above: number;
  readonly max: number;
  readonly placeholder: string;
}

/** A number that need not be whole. */
export function number({ above, max, placeholder }: Fractions): Kind<number> {
  return {
    takes: `a number above ${above}, up to ${max}`,
    type: 'number',
    placeholder,
    parse: (value) => (/^\+?(?:\d+\.?\d*|\.\d+)$/.test(value.trim()) ? Number(value) : value),
    check: (value) =>
      typeof value === 'number' && value > above && value <= max
        ? { ok: true, value }
        : { ok: false },
    show,
  };
}

/** A TCP port, 0 for any free one. */
export const port: Kind<number> = {
  ...integer({ min: 0, max: 65_535, placeholder: 'port' }),
  check(value) {
    // Kubernetes sets SLUICE_PORT=tcp://10.0.0.1:4000 in every pod beside a Service named sluice.
    if (typeof value === 'string' && value.startsWith('tcp://')) {
      return {
        ok: false,
        why:
          'Kubernetes sets this variable for a Service named "sluice"; ' +
          'put enableServiceLinks: false into the pod, or rename the Service',
      };
    }
    return integer({ min: 0, max: 65_535 }).check(value);
  },
};

export function choice<const Value extends string | number>(
  values: readonly Value[],
  placeholder: string,
): Kind<Value> {
  return {
    takes: `one of ${values.join(', ')}`,
    type: values
      .map((value) => (typeof value === 'string' ? `'${value}'` : String(value)))
      .join(' | '),
    placeholder,
    parse: (value) => values.find((candidate) => String(candidate) === value.trim()) ?? value,
    check(value) {
      const found = values.find((candidate) => candidate === value);
      return found === undefined ? { ok: false } : { ok: true, value: found };
    },
    show,
  };
}

export function text(takes: string, placeholder: string): Kind<string> {
  return {
    takes,
    type: 'string',
    placeholder,
    parse: (value) => value,
    check: (value) =>
      typeof value === 'string' && value !== '' && !value.includes('\0')
        ? { ok: true, value }
        : { ok: false },
    show,
  };
}

export function matching(
  takes: string,
  placeholder: string,
  pattern: Pick<RegExp, 'test'>,
): Kind<string> {
  return {
    takes,
    type: 'string',
    placeholder,
    parse: (value) => value.trim(),
    check: (value) =>
      typeof value === 'string' && pattern.test(value) ? { ok: true, value } : { ok: false },
    show,
  };
}

export function secret(takes: string, placeholder: string): Kind<string> {
  return { ...text(takes, placeholder), show: () => 'hidden' };
}

/** The value must be what `parse` takes; what it throws says what is wrong. */
export function parsed(
  takes: string,
  placeholder: string,
  parse: (value: string) => unknown,
): Kind<string> {
  return {
    takes,
    type: 'string',
    placeholder,
    parse: (value) => value.trim(),
    check(value) {
      if (typeof value !== 'string') return { ok: false };
      const why = messageOf(() => parse(value));
      return why === undefined ? { ok: true, value } : { ok: false, why };
    },
    show,
  };
}

export function url(protocols: readonly string[]): Kind<string> {
  const takes = `a URL that begins with ${protocols.map((name) => `${name}://`).join(', ')}`;
  return {
    takes,
    type: 'string',
    placeholder: 'url',
    parse: (value) => value.trim(),
    check(value) {
      if (typeof value !== 'string' || !URL.canParse(value)) return { ok: false };
      const { protocol, hostname } = new URL(value);
      if (!protocols.includes(protocol.slice(0, -1))) return { ok: false };
      return hostname === '' ? { ok: false, why: 'it names no host' } : { ok: true, value };
    },
    show: (value) =>
      typeof value === 'string' ? show(redactUrl(value)) : `of type ${typeof value}`,
  };
}

export const readableFile: Kind<string> = parsed(
  'the path of a file that can be read',
  'file',
  (path) => {
    accessSync(path, constants.R_OK);
    if (statSync(path).isDirectory()) throw new Error(`${path} is a directory`);
  },
);

export function list(
  kind: Kind<string>,
  takes: string,
  { mayBeEmpty = false }: { readonly mayBeEmpty?: boolean } = {},
): Kind<readonly string[]> {
  return {
    takes,
    type: `readonly ${kind.type}[]`,
    placeholder: kind.placeholder,
    parse: (value) => value.split(',').map((part) => kind.parse(part)),
    check(value) {
      if (!Array.isArray(value) || (value.length === 0 && !mayBeEmpty)) return { ok: false };
      const parts: string[] = [];
      for (const part of value as readonly unknown[]) {
        const checked = kind.check(part);
        if (!checked.ok) return checked;
        parts.push(checked.value);
      }
      return { ok: true, value: Object.freeze(parts) };
    },
    show: (value) => show(Array.isArray(value) && value.length > 0 ? value.join(',') : value),
  };
}

/** The URL without its user, its password and its query, whether or not it can be parsed. */
export function redactUrl(address: string): string {
  return (
    address
      .replace(/^([a-z][a-z\d+.-]*:\/*)?.*@/is, '$1***@')
      .replace(/([?#]).*$/s, '$1***')
      // What stands behind the colon is no port: perhaps a password whose "@host" got lost.
      .replace(/^([a-z][a-z\d+.-]*:\/\/[^:/?#[]*:)(?!\d*(?:[/?#]|$)).*$/is, '$1***')
  );
}

const shownCharacters = 200;

function show(value: unknown): string {
  const shown = typeof value === 'string' ? JSON.stringify(value) : inspect(value, { depth: 1 });
  return shown.length > shownCharacters ? `${shown.slice(0, shownCharacters)}…` : shown;
}

function messageOf(attempt: () => unknown): string | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
