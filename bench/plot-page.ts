export interface Panel {
  readonly height: number;
  readonly title: string;
  readonly body: string;
}

export interface Scale {
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
  place(value: number): number;
}

/** From the power of ten below all values to the one above. */
export function logScale(values: readonly number[], from: number, to: number): Scale {
  const logs = values.filter((value) => value > 0).map(Math.log10);
  const low = Math.floor(Math.min(...logs));
  const high = Math.max(low + 1, Math.ceil(Math.max(...logs)));
  const at = (log: number) =>
    Math.round((from + ((log - low) / (high - low)) * (to - from)) * 10) / 10;
  return {
    place: (value) => at(value > 0 ? Math.log10(value) : low),
    ticks: Array.from({ length: high - low + 1 }, (_, i) => ({
      at: at(low + i),
      label: (10 ** (low + i)).toLocaleString('en'),
    })),
  };
}

/** Legible on a light page and on a dark one. */
const style = `
  text { font: 12px system-ui, sans-serif; fill: #57606a }
  .title { font-weight: 600; font-size: 14px; fill: #1f2328 }
  .end { text-anchor: end } .middle { text-anchor: middle } .value { fill: #1f2328 }
  .grid { stroke: #d0d7de; stroke-width: 1 }
  .own { fill: #0969da; stroke: none } .other { fill: #8c959f; stroke: none }
  polyline { fill: none; stroke-width: 2 }
  .own polyline { stroke: #0969da } .other polyline { stroke: #8c959f }
  @media (prefers-color-scheme: dark) {
    text { fill: #8d96a0 } .title, .value { fill: #e6edf3 } .grid { stroke: #30363d }
    .own { fill: #58a6ff } .own polyline { stroke: #58a6ff }
  }`;

export function page(width: number, panels: readonly Panel[]): string {
  let top = 8;
  const placed = panels.map((panel) => {
    const group = `<g transform="translate(0 ${top})"><text x="16" y="22" class="title">${panel.title}</text>\n${panel.body}</g>`;
    top += panel.height + 12;
    return group;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top}" role="img">
<style>${style}
</style>
${placed.join('\n')}
</svg>
`;
}
