import type { Progress } from './progress.ts';

/** What was sent, and whether the broker kept up. */
export interface SimulationReport {
  sent: number;
  acknowledged: number;
  /** Due, and not sent: too many were on their way, or the broker was away. */
  heldBack: number;
  tell(progress: Progress, now: number, inFlight: number): void;
  summary(endedAt: number): string;
}

interface ReportOptions {
  /** Messages a second that were asked for. */
  readonly perSecond: number;
  readonly startedAt: number;
  readonly devices: number;
}

/** Where no line is in place: often enough to see that it works, in a log that is kept. */
const logEveryMs = 10_000;
/** The rate that is shown is that of the last two seconds. */
const rateOverMs = 2_000;

export function createSimulationReport(options: ReportOptions): SimulationReport {
  const { perSecond, startedAt, devices } = options;
  let loggedAt = startedAt;
  let before = { at: startedAt, sent: 0 };
  let rate = 0;

  const report: SimulationReport = {
    sent: 0,
    acknowledged: 0,
    heldBack: 0,
    tell(progress, now, inFlight) {
      if (now - before.at >= rateOverMs) {
        rate = ((report.sent - before.sent) * 1_000) / (now - before.at);
        before = { at: now, sent: report.sent };
      } else if (before.at === startedAt) {
        rate = (report.sent * 1_000) / Math.max(1, now - startedAt);
      }
      const line = `sent ${report.sent}, ${rounded(rate)}/s of ${rounded(perSecond)}/s, ${inFlight} on their way${heldBackText()}`;
      progress.show(line);
      if (progress.isLive || now - loggedAt < logEveryMs) return;
      loggedAt = now;
      progress.note(line);
    },
    summary(endedAt) {
      const seconds = Math.max(0.001, (endedAt - startedAt) / 1_000);
      const lines = [
        `${devices} devices sent ${report.sent} messages in ${seconds.toFixed(1)} s: ${rounded(report.sent / seconds)}/s of ${rounded(perSecond)}/s.`,
      ];
      if (report.heldBack > 0) {
        lines.push(`${report.heldBack} were held back: the broker did not keep up, or was away.`);
      }
      const open = report.sent - report.acknowledged;
      if (open > 0) lines.push(`${open} were not acknowledged by the broker.`);
      return `${lines.join('\n')}\n`;
    },
  };
  function heldBackText(): string {
    return report.heldBack === 0 ? '' : `, ${report.heldBack} held back`;
  }
  return report;
}

function rounded(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toFixed(1)));
}
