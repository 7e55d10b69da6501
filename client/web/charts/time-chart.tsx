import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { DeviceName } from '../components/device-name.tsx';
import { cancelFrame, onNextFrame } from '../state/frame.ts';
import { shortened, visible } from '../state/visible-text.ts';

export interface Line {
  readonly label: string;
  readonly color: string;
}

/** A time that is marked, since what belongs there was missed. */
export interface ChartGap {
  /** Seconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly color: string;
}

const noGaps: readonly ChartGap[] = [];

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const clockTime = (seconds: number): string => clock.format(seconds * 1000);

/** Lines over time, drawn at most once a frame. */
export function TimeChart({
  title,
  summary,
  lines,
  data,
  gaps = noGaps,
  fromZero = false,
}: {
  readonly title: string;
  /** The same in words, for those who do not see it. */
  readonly summary: string;
  readonly lines: readonly Line[];
  readonly data: [number[], ...(number | null | undefined)[][]];
  readonly gaps?: readonly ChartGap[];
  /** For what is counted. */
  readonly fromZero?: boolean;
}) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<UPlot>(undefined);
  const newest = useRef(data);
  newest.current = data;
  const newestGaps = useRef(gaps);
  newestGaps.current = gaps;
  const shape = JSON.stringify(lines);

  useEffect(() => {
    const stroke = getComputedStyle(box.current!).getPropertyValue('--muted');
    const grid = { stroke: 'rgba(128,128,128,.18)', width: 1 };
    const axis = { stroke, grid, ticks: { show: false }, font: '11px system-ui' };
    const made = new UPlot(
      {
        width: box.current!.clientWidth,
        height: 150,
        legend: { show: false },
        cursor: { y: false },
        hooks: { drawAxes: [(drawn) => drawGaps(drawn, newestGaps.current)] },
        axes: [
          { ...axis, size: 28, values: (_, times) => times.map(clockTime) },
          { ...axis, size: 52 },
        ],
        ...(fromZero && {
          scales: { y: { range: (_, __, high) => [0, Math.max(1, high * 1.1)] } },
        }),
        series: [
          {},
          ...lines.map(({ label, color }) => ({
            label,
            stroke: color,
            width: 1.5,
            points: { show: false },
          })),
        ],
      },
      newest.current,
      box.current!,
    );
    chart.current = made;
    const observer = new ResizeObserver(([entry]) =>
      made.setSize({ width: entry!.contentRect.width, height: 150 }),
    );
    observer.observe(box.current!);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [shape]);

  useEffect(() => {
    const draw = (): void => {
      // The frame may come before the chart that has a line for each of the columns.
      if (chart.current?.series.length === newest.current.length)
        chart.current.setData(newest.current);
    };
    onNextFrame(draw);
    return () => cancelFrame(draw);
  }, [data]);

  return (
    <figure class="card">
      <figcaption>
        <b>
          <DeviceName id={title} />
        </b>
        <span class="legend">
          {lines.map(({ label, color }) => (
            <span key={label}>
              <i style={{ background: color }} /> <DeviceName id={shortened(label, 40)} />
            </span>
          ))}
        </span>
      </figcaption>
      <div ref={box} role="img" aria-label={visible(`${title}: ${summary}`)} />
    </figure>
  );
}

/** A band in the colour of whoever has the gap, behind the lines; a narrow one is still seen. */
function drawGaps(chart: UPlot, gaps: readonly ChartGap[]): void {
  const { ctx, bbox } = chart;
  const { min = 0, max = 0 } = chart.scales['x']!;
  ctx.save();
  ctx.globalAlpha = 0.25;
  for (const { from, to, color } of gaps) {
    if (to < min || from > max) continue;
    const left = chart.valToPos(Math.max(from, min), 'x', true);
    const right = chart.valToPos(Math.min(to, max), 'x', true);
    ctx.fillStyle = color;
    ctx.fillRect(left, bbox.top, Math.max(right - left, 2 * devicePixelRatio), bbox.height);
  }
  ctx.restore();
}
