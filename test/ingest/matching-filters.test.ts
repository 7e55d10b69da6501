import { describe, expect, it } from 'vitest';
import { filtersMatching } from '../../src/ingest/matching-filters.ts';
import { parseTopicTemplate } from '../../src/config/topic-template.ts';

describe('filtersMatching', () => {
  it('has every filter for a topic of two levels', () => {
    expect([...filtersMatching('a/b')]).toEqual([
      'a/b',
      'a/b/#',
      'a/#',
      '#',
      '+/b',
      'a/+',
      '+/b/#',
      'a/+/#',
      '+/#',
      '+/+',
      '+/+/#',
    ]);
  });

  it('has no wildcard at the first level for $SYS and the like', () => {
    expect([...filtersMatching('$SYS/b')]).toEqual([
      '$SYS/b',
      '$SYS/b/#',
      '$SYS/#',
      '$SYS/+',
      '$SYS/+/#',
    ]);
  });

  it.each(['a', 'a/b/c', 'a//c', '/', '/a', 'a/', '$a', '$a/b/c', 'a/$b', 'a/b/c/d'])(
    'has each filter that matches %s once',
    (topic) => {
      const filters = [...filtersMatching(topic)];
      expect(new Set(filters).size).toBe(filters.length);
      for (const filter of filters) {
        const template = parseTopicTemplate(filter, { deviceIdRequired: false });
        expect([filter, template.matches(topic)]).toEqual([filter, true]);
      }
      const levels = topic.split('/').length;
      expect(filters).toHaveLength(
        topic.startsWith('$')
          ? // One level that is not a wildcard, in front of the others.
            2 ** levels - 1 + 2 ** (levels - 1)
          : 2 ** (levels + 1) - 1 + 2 ** levels,
      );
    },
  );

  it('begins at once, however many levels there are', () => {
    const levels = Array.from({ length: 100 }, (_, level) => level);
    expect(filtersMatching(levels.join('/')).next().value).toBe(levels.join('/'));
  });
});
