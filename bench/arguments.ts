import { parseArgs } from 'node:util';
import { rows } from './rows/catalogue.ts';
import { scenarios } from './scenarios/catalogue.ts';

function list(all: readonly { readonly name: string; readonly about: string }[]): string {
  return all.map(({ name, about }) => `    ${name.padEnd(18)}${about}`).join('\n');
}

export const help = `The benchmark: what a delivery costs, beside the servers that Sluice is compared with.

usage: npm run bench -- [flags]

  --quick             only the rows that the bounds compare, for short times; ends within 90 s
  --scenarios S1,S3   only these
${list(scenarios)}
  --rows sluice,…     only these
${list(rows)}
  --curves            instead of the scenarios: cost by subscribers, by devices, by selections
  --repeat 3          every cell so many times, in turn; the medians are reported (default 1)
  --no-pin            leave it to the kernel which process runs on which processor
  --strict            end with 1 when a bound is missed
  --json file         write all figures to the file
  --plot file.svg     draw them
  --help              show this
`;

export interface Arguments {
  readonly quick: boolean;
  readonly scenarios: readonly string[] | undefined;
  readonly rows: readonly string[] | undefined;
  readonly curves: boolean;
  readonly repeat: number;
  readonly pin: boolean;
  readonly strict: boolean;
  readonly json: string | undefined;
  readonly plot: string | undefined;
  readonly help: boolean;
}

/** Throws a TypeError that says what is wrong and what is possible. */
export function readArguments(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      quick: { type: 'boolean', default: false },
      scenarios: { type: 'string' },
      rows: { type: 'string' },
      curves: { type: 'boolean', default: false },
      repeat: { type: 'string', default: '1' },
      pin: { type: 'boolean', default: true },
      strict: { type: 'boolean', default: false },
      json: { type: 'string' },
      plot: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const repeat = Number(values.repeat);
  if (!Number.isInteger(repeat) || repeat < 1 || repeat > 20) {
    throw new TypeError(`--repeat takes a whole number from 1 to 20, not ${values.repeat}`);
  }
  return {
    ...values,
    json: values.json,
    plot: values.plot,
    repeat,
    scenarios: names('--scenarios', values.scenarios, scenarios),
    rows: names('--rows', values.rows, rows),
  };
}

function names(
  flag: string,
  value: string | undefined,
  known: readonly { readonly name: string }[],
): string[] | undefined {
  const wanted = value?.split(',').map((name) => name.trim());
  const all = known.map((each) => each.name);
  const unknown = wanted?.filter((name) => !all.includes(name)) ?? [];
  if (unknown.length > 0) {
    throw new TypeError(`${flag} has no ${unknown.join(', ')}; it takes ${all.join(', ')}`);
  }
  return wanted;
}
