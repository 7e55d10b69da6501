/** The groups of metrics, in the order of the pages and tables. */
export const groups = [
  'Messages',
  'Subscriptions',
  'Connections and requests',
  'Devices',
  'MQTT broker',
  'Process',
] as const;
export type Group = (typeof groups)[number];

/**
 * A counter only grows, from the start of the process; a gauge is a current value; an
 * info does not change.
 */
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
  /** For a text or a boolean. */
  | 'none';

/** The scalar types of the SDL, each with its TypeScript type. */
export interface Scalars {
  readonly SafeInt: number;
  readonly Int: number;
  readonly Float: number;
  readonly Boolean: boolean;
  readonly String: string;
}
export type ScalarName = keyof Scalars;

/** The dimension of a breakdown. Its values are fixed, so a client cannot create new ones. */
export interface Label {
  /** The SDL field that has the value. */
  readonly name: 'reason' | 'transport';
  readonly nameDescription: string;
  /** The enum of the SDL. */
  readonly enumName: string;
  readonly enumDescription: string;
  /** The values as the gateway names them, each with its meaning. */
  readonly values: Readonly<Record<string, string>>;
  /** The SDL type that has one value and its count. */
  readonly countName: string;
  readonly countDescription: string;
  readonly numberDescription: string;
}

/**
 * Everything that code, clients and documentation say about one metric. Its name is its
 * key in the catalogue.
 */
interface Described {
  readonly group: Group;
  /** A few words for tables and tiles, where they are shown without context. */
  readonly title: string;
  /** Full sentences, for the SDL, the types and the pages. */
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

/** An object of metrics that are read together. */
interface Part<Sources> {
  readonly description: string;
  /** The type of the SDL. */
  readonly typeName: string;
  readonly typeDescription: string;
  readonly members: Readonly<Record<string, Omit<Value<Sources>, 'source'>>>;
  readonly read: (from: Sources) => object;
}

/**
 * The metric is one of the broker's counters (`counters.ts`), with this name. Naming it
 * here creates the counter.
 */
interface Held {
  readonly held: string;
}

/** The metric is the sum of the breakdown with this name. */
interface Total {
  readonly totalOf: string;
}

interface Read<Sources, Result> {
  readonly read: (from: Sources) => Result;
}

export type Metric<Sources> = Value<Sources> | Breakdown<Sources> | Part<Sources>;

/** The SDL's spelling of a value of a label: `PLAIN_SSE` for `plain-sse`. */
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

/** The name of a metric in the plain stream's stats: `messages_dropped` for `messagesDropped`. */
export function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
