/** In the order of the pages and tables. */
export const groups = [
  'Messages',
  'Subscriptions',
  'Connections and requests',
  'Devices',
  'MQTT broker',
  'Process',
] as const;
export type Group = (typeof groups)[number];

/** A counter only grows, from the start of the process on; a gauge is what holds now; an info does not change. */
export type Kind = 'counter' | 'gauge' | 'info';

export type Unit =
  | 'bytes'
  | 'connections'
  | 'devices'
  | 'interruptions'
  | 'lines'
  | 'messages'
  | 'milliseconds'
  | 'requests'
  | 'seconds'
  | 'subscriptions'
  /** Of a text, or of yes and no. */
  | 'none';

/** The types of the SDL, each with what it is in TypeScript. */
export interface Scalars {
  readonly SafeInt: number;
  readonly Int: number;
  readonly Float: number;
  readonly Boolean: boolean;
  readonly String: string;
}
export type ScalarName = keyof Scalars;

/** What distinguishes the counts of a breakdown. The values are known beforehand, so none can be made up by a client. */
export interface Label {
  /** The field of the SDL that has the value. */
  readonly name: 'reason' | 'transport';
  readonly nameDescription: string;
  /** The enum of the SDL. */
  readonly enumName: string;
  readonly enumDescription: string;
  /** The values as the gateway names them, each with what it means. */
  readonly values: Readonly<Record<string, string>>;
  /** The type of the SDL that has one value and its count. */
  readonly countName: string;
  readonly countDescription: string;
  readonly numberDescription: string;
}

/** Everything that code, clients and documentation say of one metric; its name is its key in the catalogue. */
interface Described {
  readonly group: Group;
  /** A few words for tables and tiles, in which it stands alone. */
  readonly title: string;
  /** For the SDL, the types and the pages: sentences. */
  readonly description: string;
}

/** A single value. */
interface Value<Sources> extends Described {
  readonly kind: Kind;
  readonly unit: Unit;
  readonly type: ScalarName;
  readonly source: Held | Total | Read<Sources, number | boolean | string>;
}

/** A count for each value of a label. */
interface Breakdown<Sources> extends Described {
  readonly kind: Exclude<Kind, 'info'>;
  readonly unit: Unit;
  readonly label: Label;
  readonly source: Held | Read<Sources, Readonly<Record<string, number>>>;
}

/** An object of further metrics, which are read at once. */
interface Part<Sources> {
  readonly description: string;
  /** The type of the SDL. */
  readonly typeName: string;
  readonly typeDescription: string;
  readonly members: Readonly<Record<string, Omit<Value<Sources>, 'source'>>>;
  readonly read: (from: Sources) => object;
}

/** The broker's counters hold it, under this name (`counters.ts`). Naming it here is what makes it exist there. */
interface Held {
  readonly held: string;
}

/** The sum of a breakdown, which is named. */
interface Total {
  readonly totalOf: string;
}

interface Read<Sources, Result> {
  readonly read: (from: Sources) => Result;
}

export type Metric<Sources> = Value<Sources> | Breakdown<Sources> | Part<Sources>;

/** The word of the SDL for a value of a label: `PLAIN_SSE` for `plain-sse`. */
export type LabelWord<Key extends string> = Key extends `${infer Head}-${infer Tail}`
  ? `${Uppercase<Head>}_${LabelWord<Tail>}`
  : Uppercase<Key>;

export function labelWord<Key extends string>(key: Key): LabelWord<Key> {
  return key.toUpperCase().replaceAll('-', '_') as LabelWord<Key>;
}

export type LabelKey<Of extends Label> = Extract<keyof Of['values'], string>;

/** One count of a breakdown, in the shape of the SDL. */
export type LabelCount<Of extends Label> = {
  readonly [Name in Of['name']]: LabelWord<LabelKey<Of>>;
} & { readonly count: number };

/** The values of some metrics, in the shape of the SDL. */
export type ValuesOf<Metrics> = {
  readonly [Name in keyof Metrics]: ValueOf<Metrics[Name]>;
};

type ValueOf<One> = One extends { readonly label: infer Of extends Label }
  ? readonly LabelCount<Of>[]
  : One extends { readonly members: infer Members }
    ? ValuesOf<Members>
    : One extends { readonly type: infer Type extends ScalarName }
      ? Scalars[Type]
      : never;

/** A name as the plain stream's stats have it: `messages_dropped` for `messagesDropped`. */
export function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
