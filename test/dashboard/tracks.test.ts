import { beforeEach, describe, expect, it, vi } from 'vitest';
import type * as TracksState from '../../client/web/state/tracks.ts';
import { dashboardMessage } from '../support/dashboard-message.ts';

let state: typeof TracksState;
beforeEach(async () => {
  vi.resetModules();
  state = await import('../../client/web/state/tracks.ts');
});

describe('the place in a payload', () => {
  const place = { lat: 47.4, lon: 8.5 };

  it.each([
    { lat: 47.4, lon: 8.5 },
    { latitude: 47.4, longitude: 8.5 },
    { lat: 47.4, lng: 8.5 },
    { lat: 47.4, long: 8.5 },
    { type: 'Point', coordinates: [8.5, 47.4, 400] },
    { data: { gps: { lat: 47.4, lon: 8.5 } } },
    [{ lat: 47.4, lon: 8.5 }],
  ])('is found in %j', (payload) => {
    expect(state.placeIn(payload)).toEqual(place);
  });

  it.each([
    null,
    5,
    'lat lon',
    { lat: 47.4 },
    { lat: '47.4', lon: '8.5' },
    { lat: 91, lon: 0 },
    { lat: 0, lon: 181 },
    { lat: Number.NaN, lon: 0 },
    { type: 'Point', coordinates: 8.5 },
    { a: { b: { c: { d: { lat: 47.4, lon: 8.5 } } } } },
  ])('is not found in %j', (payload) => {
    expect(state.placeIn(payload)).toBeUndefined();
  });

  it('is looked for in the first members alone', () => {
    const wide = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`f${n}`, {}]));
    expect(state.placeIn({ ...wide, gps: { lat: 47.4, lon: 8.5 } })).toBeUndefined();
  });
});

describe('a track', () => {
  it('has the places of a device, and knows where something was missed', () => {
    state.recordTrack(dashboardMessage({ lat: 1, lon: 2 }), 10);
    state.recordTrack(dashboardMessage({ t: 1 }), 20);
    const gap = { missed: null, reason: 'STREAM_RESET' } as const;
    state.recordTrack(dashboardMessage({ lat: 3, lon: 4 }, { gap }), 30);
    expect(state.tracks.get('a')).toEqual([
      { lat: 1, lon: 2, time: 10, behindGap: false },
      { lat: 3, lon: 4, time: 30, behindGap: true },
    ]);
  });

  it('is bounded, and keeps the newest', () => {
    for (let n = 0; n < 5_000; n += 1) state.recordTrack(dashboardMessage({ lat: 0, lon: 0 }), n);
    const track = state.tracks.get('a')!;
    expect(track.length).toBeLessThanOrEqual(1_200);
    expect(track.at(-1)?.time).toBe(4_999);
  });

  it('is gone with its device', () => {
    expect(state.hasTracks.value).toBe(false);
    state.recordTrack(dashboardMessage({ lat: 1, lon: 2 }), 0);
    expect(state.hasTracks.value).toBe(true);
    state.forgetTrackOf('a');
    expect(state.hasTracks.value).toBe(false);
    expect(state.tracks.size).toBe(0);
  });
});
