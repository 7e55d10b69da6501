import { signal } from '@preact/signals';
import type { DeviceMessage } from 'sluice-client';

export interface TrackPoint {
  readonly lat: number;
  readonly lon: number;
  readonly time: number;
  /** Something was missed directly before it. */
  readonly behindGap: boolean;
}

const kept = 1_000;
const deepest = 3;
/** Members of one object that are looked into. */
const mostMembers = 20;

export const tracks = new Map<string, TrackPoint[]>();
/** Whether any message of those who are watched had a place in it. */
export const hasTracks = signal(false);

/** What was kept of a device that is watched no longer. */
export function forgetTrackOf(deviceId: string): void {
  tracks.delete(deviceId);
  hasTracks.value = tracks.size > 0;
}

/** The first place in a value: a latitude beside a longitude, by any of their usual names, or GeoJSON's point. */
export function placeIn(value: unknown, depth = 0): { lat: number; lon: number } | undefined {
  if (typeof value !== 'object' || value === null || depth > deepest) return undefined;
  const members = value as Record<string, unknown>;
  const lat = members['lat'] ?? members['latitude'];
  const lon = members['lon'] ?? members['lng'] ?? members['long'] ?? members['longitude'];
  const named = placeOf(lat, lon);
  if (named !== undefined) return named;
  const { type, coordinates } = members;
  if (type === 'Point' && Array.isArray(coordinates))
    return placeOf(coordinates[1], coordinates[0]);
  let looked = 0;
  for (const name in members) {
    if (looked === mostMembers) break;
    looked += 1;
    const found = placeIn(members[name], depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function placeOf(lat: unknown, lon: unknown): { lat: number; lon: number } | undefined {
  if (typeof lat !== 'number' || typeof lon !== 'number') return undefined;
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { lat, lon } : undefined;
}

export function recordTrack({ deviceId, payload, gap }: DeviceMessage, receivedAt: number): void {
  const place = placeIn(payload);
  if (place === undefined) return;
  let track = tracks.get(deviceId);
  if (track === undefined) {
    track = [];
    tracks.set(deviceId, track);
    hasTracks.value = true;
  }
  track.push({ ...place, time: receivedAt, behindGap: gap !== null });
  if (track.length > kept * 1.2) track.splice(0, track.length - kept);
}
