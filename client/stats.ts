/** The metrics of `brokerStats` with their titles and units, for a table or a page of one's own. */
export { shownStats } from './generated/shown-stats.ts';
export type { ShownStat } from './shown-stat.ts';
