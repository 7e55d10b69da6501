/** What a tracker measures at one time. */
export interface Reading {
  /** Degrees, WGS 84, to about ten centimetres. */
  readonly lat: number;
  readonly lon: number;
  /** Metres a second. */
  readonly speed: number;
  /** Where it is going: degrees from north, clockwise, 0 to 360 exclusive. */
  readonly heading: number;
  /** Degrees Celsius. */
  readonly temperature: number;
  /** Percent. */
  readonly battery: number;
}

export interface Tracker {
  /** Lets so much time go by, and reads. The speed is the mean one of that time. */
  step(elapsedMs: number): Reading;
}

const berlin = { lat: 52.52, lon: 13.405 };
const metresPerDegree = 111_320;
const rangeMetres = 4_000;
const longestStepS = 1;
/** However long a tracker was left alone, a reading costs no more than this. */
const maxSteps = 600;

/** The device id of the tracker with that index, from 0: `tracker-001`. */
export function trackerId(index: number): string {
  return `tracker-${String(index + 1).padStart(3, '0')}`;
}

/** A vehicle on its way around Berlin. Two of the same seed do the same. */
export function createTracker(seed: number): Tracker {
  const random = randomNumbers(seed);
  /** Metres east and north of the middle of the city. */
  let east = (random() - 0.5) * rangeMetres;
  let north = (random() - 0.5) * rangeMetres;
  let heading = random() * 360;
  let speed = 4 + random() * 10;
  let wantedSpeed = speed;
  let turnPerS = 0;
  let battery = 30 + random() * 70;
  let isCharging = false;
  const usualTemperature = 14 + random() * 10;
  let temperature = usualTemperature;

  /** Answers how many metres it went. */
  function move(seconds: number): number {
    if (random() < seconds / 20) wantedSpeed = random() < 0.15 ? 0 : 3 + random() * 15;
    if (isCharging) wantedSpeed = 0;
    speed = Math.max(0, speed + bounded(wantedSpeed - speed, 2 * seconds));
    steer(seconds);
    const metres = speed * seconds;
    const radians = (heading * Math.PI) / 180;
    east += Math.sin(radians) * metres;
    north += Math.cos(radians) * metres;
    return metres;
  }

  function steer(seconds: number): void {
    if (Math.hypot(east, north) > rangeMetres) {
      const home = (Math.atan2(-east, -north) * 180) / Math.PI;
      turnPerS = bounded(turnBetween(heading, home), 15);
    } else {
      turnPerS = bounded(turnPerS + (random() - 0.5) * 4 * seconds, 8) * (1 - 0.1 * seconds);
    }
    // A vehicle that stands does not turn.
    heading = modulo360(heading + turnPerS * seconds * Math.min(1, speed / 3));
  }

  function live(seconds: number): void {
    battery += (isCharging ? 0.1 : -0.01) * seconds;
    if (battery <= 15) isCharging = true;
    if (battery >= 95) isCharging = false;
    battery = Math.min(100, Math.max(0, battery));
    const drift = (random() - 0.5) * 0.2 + (usualTemperature - temperature) * 0.01;
    temperature += drift * seconds;
  }

  function step(elapsedMs: number): Reading {
    const elapsedS = Math.max(0, elapsedMs) / 1_000;
    const steps = Math.min(maxSteps, Math.ceil(elapsedS / longestStepS));
    const seconds = steps === 0 ? 0 : Math.min(longestStepS, elapsedS / steps);
    let metres = 0;
    for (let i = 0; i < steps; i += 1) {
      metres += move(seconds);
      live(seconds);
    }
    const metresPerDegreeEast = metresPerDegree * Math.cos((berlin.lat * Math.PI) / 180);
    return {
      lat: rounded(berlin.lat + north / metresPerDegree, 6),
      lon: rounded(berlin.lon + east / metresPerDegreeEast, 6),
      speed: rounded(steps === 0 ? speed : metres / (steps * seconds), 1),
      // 359.96 rounds to 360, which is 0.
      heading: rounded(heading, 1) % 360,
      temperature: rounded(temperature, 1),
      battery: rounded(battery, 1),
    };
  }

  return { step };
}

/** Evenly from 0 to 1, and always the same ones for a seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

function bounded(value: number, limit: number): number {
  return Math.min(limit, Math.max(-limit, value));
}

/** How far to turn, from -180 to 180 degrees, to go that way. */
function turnBetween(heading: number, wanted: number): number {
  return modulo360(wanted - heading + 180) - 180;
}

function modulo360(degrees: number): number {
  return ((degrees % 360) + 360) % 360;
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
