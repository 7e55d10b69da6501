import { afterEach, describe, expect, it, vi } from 'vitest';
import { colorOf } from '../../client/web/state/palette.ts';
import { stubPageGlobals } from '../support/page-globals.ts';

afterEach(() => vi.unstubAllGlobals());

async function open(hash = '') {
  vi.resetModules();
  const page = stubPageGlobals({ hash });
  return { page, state: await import('../../client/web/state/watched.ts') };
}

describe('the devices that are watched', () => {
  it('are as many as there are colours, and keep theirs', async () => {
    const { state } = await open();
    state.watch(...Array.from({ length: 20 }, (_, n) => `d${n}`));
    expect(state.watched.value.size).toBe(state.mostWatched);
    const colors = new Set([...state.watched.value.values()].map(colorOf));
    expect(colors.size).toBe(state.mostWatched);
    state.unwatch('d3');
    state.watch('late', 'd5');
    expect(state.watched.value.get('late')).toBe(3);
    expect(state.watched.value.get('d5')).toBe(5);
    state.unwatchAll();
    expect(state.isWatched('d5')).toBe(false);
  });

  it('stand in the address, whatever is in an id', async () => {
    const { page, state } = await open();
    const ids = ['a,b', 'c&d=e', 'ü/ #', '%'];
    state.watch(...ids);
    const again = await open(page.hash);
    expect([...again.state.watched.value.keys()]).toEqual(ids);
    again.state.unwatchAll();
    expect(again.page.hash).toBe('');
  });

  it('are those of an address that is opened later', async () => {
    const { page, state } = await open('#watch=a');
    page.goTo('#watch=b%2Cc');
    expect([...state.watched.value.keys()]).toEqual(['b', 'c']);
  });

  it.each(['#watch=', '#watch=%25zz', '#watch=,,', '#other', '#'])(
    'are none in the address %s',
    async (hash) => {
      const { state } = await open(hash);
      expect(state.watched.value.size).toBe(0);
    },
  );
});
