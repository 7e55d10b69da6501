import { isDisturbed, type Measurement } from './measurement.ts';

type Metric = (measurement: Measurement) => number | undefined;

interface Side {
  readonly scenario: string;
  /** How its load reads in the table; a scenario with one load needs none. */
  readonly load?: string;
  readonly row: string;
}

export interface Bound {
  readonly text: string;
  readonly of: Side;
  /** Divides by the same metric of this side; without it, the figure itself is held to the limit. */
  readonly against?: Side;
  readonly metric: Metric;
  readonly atLeast?: number;
  readonly atMost?: number;
}

const deliveries: Metric = (each) => each.deliveriesPerSecond;
const cpu: Metric = (each) => each.cpuMicrosPerDelivery;
const p50: Metric = (each) => each.latency?.p50Ms;
const p99: Metric = (each) => each.latency?.p99Ms;

function saturation(scenario: string, row: string): Side {
  return { scenario, load: 'saturation', row };
}

function saturated(scenario: string, row: string, against: string, atLeast: number): Bound {
  const text = `${scenario} deliveries/s at saturation, ${row} / ${against}`;
  const [of, other] = [saturation(scenario, row), saturation(scenario, against)];
  return { text, of, against: other, metric: deliveries, atLeast };
}

function compared(
  text: string,
  of: Side,
  against: string,
  limit: Pick<Bound, 'metric' | 'atMost'>,
) {
  const whole = `${of.scenario} ${text}, ${of.row} / ${against}`;
  return { text: whole, of, against: { ...of, row: against }, ...limit };
}

const sluiceAt100 = { scenario: 'S1', load: '100/s', row: 'sluice' };
const stalled = { scenario: 'S7', row: 'sluice' };

export const bounds: readonly Bound[] = [
  saturated('S1', 'sluice', 'stock', 50),
  saturated('S1', 'sluice', 'ws-joined', 0.85),
  saturated('S1', 'sluice', 'mosquitto', 10),
  compared('CPU per delivery at 100/s', sluiceAt100, 'ws-each', { metric: cpu, atMost: 1.1 }),
  saturated('S1', 'sluice-sse', 'sluice', 0.5),
  saturated('S1', 'sluice-plain', 'sluice-sse', 1),
  saturated('S2', 'sluice', 'stock', 15),
  saturated('S2', 'sluice', 'ws-joined', 0.8),
  saturated('S3', 'sluice', 'stock', 2.5),
  compared('CPU per delivery', saturation('S3', 'sluice'), 'ws-each', {
    metric: cpu,
    atMost: 1.15,
  }),
  compared('KiB per idle connection', { scenario: 'S4', row: 'sluice' }, 'ws-each', {
    metric: (each) => each.kibPerConnection,
    atMost: 1.35,
  }),
  compared('time of a burst', { scenario: 'S5', row: 'sluice' }, 'ws-joined', {
    metric: (each) => each.burstMs,
    atMost: 1.2,
  }),
  {
    text: 'S6 p50 of sluice, ms',
    of: { scenario: 'S6', row: 'sluice' },
    metric: p50,
    atMost: 1,
  },
  compared('p99', { scenario: 'S6', row: 'sluice' }, 'ws-each', { metric: p99, atMost: 1.5 }),
  {
    text: 'S7 deliveries that the healthy clients lost',
    of: stalled,
    metric: (each) => each.lost,
    atMost: 0,
  },
  {
    text: 'S7 p99 of the healthy / S1 p99 at 100/s, sluice',
    of: stalled,
    against: sluiceAt100,
    metric: p99,
    atMost: 2,
  },
  {
    text: 'S7 growth of sluice with 100 of 200 stalled, MiB',
    of: { scenario: 'S7-memory', row: 'sluice' },
    metric: (each) => each.growthMib,
    atMost: 30,
  },
];

export interface Verdict {
  readonly text: string;
  readonly required: string;
  /** Undefined when this run has not measured one of the sides. */
  readonly measured: number | undefined;
  readonly met: boolean | undefined;
  /** Other processes ran beside one of the sides: it says little, whichever way it came out. */
  readonly disturbed: boolean;
}

export function judge(measurements: readonly Measurement[]): Verdict[] {
  return bounds.map((bound) => {
    const of = find(measurements, bound.of);
    const against = bound.against && find(measurements, bound.against);
    const figure = of && bound.metric(of);
    const measured =
      bound.against === undefined ? figure : quotient(figure, against && bound.metric(against));
    const disturbed = [of, against].some((each) => each !== undefined && isDisturbed(each));
    const { atLeast, atMost } = bound;
    const required = atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`;
    const met =
      measured === undefined
        ? undefined
        : measured >= (atLeast ?? Number.NEGATIVE_INFINITY) &&
          measured <= (atMost ?? Number.POSITIVE_INFINITY);
    return { text: bound.text, required, measured, met, disturbed };
  });
}

function find(measurements: readonly Measurement[], side: Side): Measurement | undefined {
  return measurements.find(
    (each) =>
      each.scenario === side.scenario &&
      each.row === side.row &&
      (side.load === undefined || each.load === side.load),
  );
}

function quotient(of: number | undefined, against: number | undefined): number | undefined {
  return of === undefined || against === undefined ? undefined : of / against;
}
