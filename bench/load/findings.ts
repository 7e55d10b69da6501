import { Histogram } from '../measure/histogram.ts';

const problemsKept = 5;

/** What the watchers of a process notice, gathered. */
export class Findings {
  readonly latency = new Histogram();
  readonly problems: string[] = [];
  /** Sampled messages that were not the one that had to come at this place. */
  misplaced = 0;
  /** Off until all are subscribed: before that, a client rightly misses messages. */
  checksOrder = false;
  timesArrivals = false;

  problem(text: string): void {
    if (this.problems.length < problemsKept && !this.problems.includes(text)) {
      this.problems.push(text);
    }
  }

  begin(timesArrivals: boolean): void {
    this.latency.reset();
    this.problems.length = 0;
    this.misplaced = 0;
    this.timesArrivals = timesArrivals;
  }
}
