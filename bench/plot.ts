import type { Measurement } from './measurement.ts';
import { logScale, page, type Panel } from './plot-page.ts';

const width = 760;
const nameWidth = 130;
const rowHeight = 24;
const headHeight = 40;
const axisHeight = 34;
const curveHeight = 170;

const curveTitles: Readonly<Record<string, string>> = {
  'C-subscribers': 'subscribers of one device',
  'C-devices': 'devices known, 100 of them watched',
  'C-selections': 'selections in use by 1,000 subscribers of one device',
};

/** An SVG of what was measured: one panel a scenario or curve, one under the other. */
export function plot(measurements: readonly Measurement[], curves: boolean): string {
  return page(width, curves ? curvePanels(measurements) : saturationPanels(measurements));
}

function byScenario(measurements: readonly Measurement[]): Map<string, Measurement[]> {
  return Map.groupBy(measurements, (each) => each.scenario);
}

/** Dots, not bars: on a logarithmic axis there is no zero for a bar to stand on. */
function saturationPanels(measurements: readonly Measurement[]): Panel[] {
  const saturated = measurements.filter((each) => each.load === 'saturation');
  return Array.from(byScenario(saturated), ([scenario, rows]) => {
    const rates = rows.map((each) => each.deliveriesPerSecond ?? 0);
    const x = logScale(rates, nameWidth, width - 110);
    const bottom = headHeight + rows.length * rowHeight;
    const dots = rows.map((each, i) => {
      const y = headHeight + i * rowHeight + rowHeight / 2;
      const at = x.place(rates[i] ?? 0);
      const kind = each.row.startsWith('sluice') ? 'own' : 'other';
      const label = Math.round(rates[i] ?? 0).toLocaleString('en');
      return `<text x="${nameWidth - 12}" y="${y + 4}" class="end">${each.row}</text><circle cx="${at}" cy="${y}" r="5" class="${kind}"/><text x="${at + 10}" y="${y + 4}" class="value">${label}</text>`;
    });
    return {
      height: bottom + axisHeight,
      title: `${scenario}: deliveries per second at saturation`,
      body: [verticalGrid(x.ticks, headHeight, bottom), ...dots].join('\n'),
    };
  });
}

function curvePanels(measurements: readonly Measurement[]): Panel[] {
  return Array.from(byScenario(measurements), ([scenario, points]) => {
    const bottom = headHeight + curveHeight;
    const x = logScale(
      points.map((each) => each.at ?? 1),
      nameWidth,
      width - 110,
    );
    const costs = points.map((each) => each.cpuMicrosPerDelivery ?? 0);
    const y = logScale(costs, bottom, headHeight);
    const lines = Array.from(
      Map.groupBy(points, (each) => each.row),
      ([row, line]) => {
        const places = line.map((each) => ({
          x: x.place(each.at ?? 1),
          y: y.place(each.cpuMicrosPerDelivery ?? 0),
        }));
        const kind = row.startsWith('sluice') ? 'own' : 'other';
        const path = places.map((each) => `${each.x},${each.y}`).join(' ');
        const last = places.at(-1);
        const dots = places.map((each) => `<circle cx="${each.x}" cy="${each.y}" r="3.5"/>`);
        return `<g class="${kind}"><polyline points="${path}"/>${dots.join('')}</g><text x="${(last?.x ?? 0) + 10}" y="${(last?.y ?? 0) + 4}">${row}</text>`;
      },
    );
    const horizontal = y.ticks.map(
      (tick) =>
        `<line x1="${nameWidth}" x2="${width - 110}" y1="${tick.at}" y2="${tick.at}" class="grid"/><text x="${nameWidth - 12}" y="${tick.at + 4}" class="end">${tick.label}</text>`,
    );
    return {
      height: bottom + axisHeight,
      title: `CPU µs per delivery, by ${curveTitles[scenario] ?? scenario}`,
      body: [...horizontal, verticalGrid(x.ticks, headHeight, bottom), ...lines].join('\n'),
    };
  });
}

function verticalGrid(
  ticks: readonly { readonly at: number; readonly label: string }[],
  top: number,
  bottom: number,
): string {
  return ticks
    .map(
      ({ at, label }) =>
        `<line x1="${at}" x2="${at}" y1="${top}" y2="${bottom}" class="grid"/><text x="${at}" y="${bottom + 18}" class="middle">${label}</text>`,
    )
    .join('\n');
}
