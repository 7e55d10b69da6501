import { useEffect, useRef, useState } from 'preact/hooks';
import { arrivals } from '../state/messages.ts';
import { cancelFrame, onNextFrame } from '../state/frame.ts';
import { colorOf } from '../state/palette.ts';
import { shortened, visible } from '../state/visible-text.ts';
import { tracks } from '../state/tracks.ts';
import { watched } from '../state/watched.ts';

const metresPerDegree = 111_320;

/** Where the watched devices went, with a scale and no map beneath. */
export function TrackMap() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const count = arrivals.value;
  const shown = watched.value;
  const [told, tell] = useState('');
  useEffect(() => {
    const draw = (): void => {
      if (canvas.current !== null) tell(drawTracks(canvas.current, shown));
    };
    onNextFrame(draw);
    return () => cancelFrame(draw);
  }, [count, shown]);
  return (
    <figure class="card track-card">
      <figcaption>
        <b>Track</b>
      </figcaption>
      <canvas ref={canvas} class="track" role="img" aria-label={`Track: ${told}`} />
    </figure>
  );
}

/** Answers what is seen there, in words. */
function drawTracks(canvas: HTMLCanvasElement, shown: ReadonlyMap<string, number>): string {
  const ratio = devicePixelRatio;
  const { clientWidth: width, clientHeight: height } = canvas;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const context = canvas.getContext('2d')!;
  context.scale(ratio, ratio);
  const text = getComputedStyle(canvas).color;
  const paths = [...shown].flatMap(([id, place]) => {
    const points = tracks.get(id);
    return points === undefined ? [] : [{ id, points, color: colorOf(place) }];
  });
  const all = paths.flatMap(({ points }) => points);
  if (all.length === 0) return 'no place yet';
  const bounds = all.reduce(
    (box, { lat, lon }) => ({
      south: Math.min(box.south, lat),
      north: Math.max(box.north, lat),
      west: Math.min(box.west, lon),
      east: Math.max(box.east, lon),
    }),
    { south: 90, north: -90, west: 180, east: -180 },
  );
  const lat0 = (bounds.south + bounds.north) / 2;
  const lon0 = (bounds.west + bounds.east) / 2;
  const narrowing = Math.cos((lat0 * Math.PI) / 180);
  const metresX = Math.max((bounds.east - bounds.west) * metresPerDegree * narrowing, 40);
  const metresY = Math.max((bounds.north - bounds.south) * metresPerDegree, 40);
  const scale = Math.min((width - 80) / metresX, (height - 80) / metresY);
  const x = (lon: number): number => width / 2 + (lon - lon0) * metresPerDegree * narrowing * scale;
  const y = (lat: number): number => height / 2 - (lat - lat0) * metresPerDegree * scale;

  context.lineWidth = 2;
  context.lineJoin = 'round';
  context.font = '11px system-ui';
  for (const { id, points, color } of paths) {
    context.strokeStyle = context.fillStyle = color;
    context.beginPath();
    for (const [i, { lat, lon, behindGap }] of points.entries()) {
      if (i === 0 || behindGap) context.moveTo(x(lon), y(lat));
      else context.lineTo(x(lon), y(lat));
    }
    context.stroke();
    // Where it went meanwhile is not known.
    context.setLineDash([2, 5]);
    context.beginPath();
    for (const [i, { lat, lon, behindGap }] of points.entries()) {
      if (i === 0 || !behindGap) continue;
      context.moveTo(x(points[i - 1]!.lon), y(points[i - 1]!.lat));
      context.lineTo(x(lon), y(lat));
    }
    context.stroke();
    context.setLineDash([]);
    const head = points.at(-1)!;
    context.beginPath();
    context.arc(x(head.lon), y(head.lat), 5, 0, 2 * Math.PI);
    context.fill();
    context.fillStyle = text;
    const name = visible(shortened(id, 24));
    // On the other side where it would be cut off.
    const right = x(head.lon) + 8;
    const isCut = right + context.measureText(name).width > width;
    context.textAlign = isCut ? 'right' : 'left';
    context.fillText(name, isCut ? x(head.lon) - 8 : right, y(head.lat) + 4);
  }
  context.textAlign = 'left';
  const bar = drawScale(context, scale, height, text);
  const places = paths.map(({ id, points }) => {
    const { lat, lon } = points.at(-1)!;
    const gaps = points.filter(({ behindGap }) => behindGap).length;
    const where = `${visible(shortened(id, 40))} at ${lat.toFixed(4)}, ${lon.toFixed(4)}`;
    return gaps === 0 ? where : `${where}, gaps ${gaps}`;
  });
  return `${places.join('; ')}; the bar is ${bar}`;
}

/** A bar of 1, 2 or 5 times a power of ten metres, a hundred pixels long at most. */
function drawScale(
  context: CanvasRenderingContext2D,
  scale: number,
  height: number,
  color: string,
): string {
  const power = 10 ** Math.floor(Math.log10(100 / scale));
  const metres = [5, 2, 1].map((n) => n * power).find((n) => n * scale <= 100) ?? power;
  context.strokeStyle = context.fillStyle = color;
  context.strokeRect(12, height - 16, metres * scale, 1);
  const told = metres >= 1000 ? `${metres / 1000} km` : `${metres} m`;
  context.fillText(told, 12, height - 22);
  return told;
}
