const width = 64;
const height = 18;

/** The course of a rate: what a glance takes in. Its last value stands beside it as text. */
export function Sparkline({ values }: { readonly values: readonly number[] }) {
  const highest = Math.max(...values, 0.1);
  const points = values.map(
    (value, i) =>
      `${((i + 40 - values.length) * width) / 39},${height - 1 - (value / highest) * (height - 3)}`,
  );
  return (
    <svg class="spark" width={width} height={height} aria-hidden="true">
      <polyline points={points.join(' ')} />
    </svg>
  );
}
