import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { codeSamples, type SampleOptions } from '../../client/web/state/code-samples.ts';

const options: SampleOptions = {
  endpoint: 'https://gateway.example/sluice/graphql',
  deviceIds: ['pump-1', 'pump-2'],
  replay: 60,
  transport: 'ws',
  token: '',
};

function sample(name: string, over: Partial<SampleOptions> = {}): string {
  return codeSamples({ ...options, ...over }).find((each) => each.name === name)!.code;
}

/** What a POSIX shell makes of words in single quotes. */
function unquoted(word: string): string {
  expect(word).toMatch(/^'(?:[^']|'\\'')*'$/);
  return word.slice(1, -1).replaceAll(String.raw`'\''`, "'");
}

/** What breaks out of a string, a line or a shell, and what a person would misread. */
const hostile = [
  `'; rm -rf / #`,
  '"]}`${process.exit()}',
  'line\nbreak\\',
  'turned\u202earound',
  '</script>',
  'Zürich 🚌',
];

describe('the samples', () => {
  it('are for both transports, with an operation that parses', () => {
    for (const transport of ['ws', 'sse'] as const) {
      const samples = codeSamples({ ...options, transport });
      expect(samples.map(({ name }) => name)).toEqual(['graphql-ws', 'urql', 'curl']);
    }
    const [, query] = /const query = `([^`]+)`/.exec(sample('graphql-ws'))!;
    expect(parse(query!).definitions).toHaveLength(1);
  });

  it('go to the address of the page, over the protocol of the transport', () => {
    expect(sample('graphql-ws')).toContain('url: "wss://gateway.example/sluice/graphql"');
    expect(sample('urql')).toContain('"wss://gateway.example/sluice/graphql"');
    expect(sample('urql', { transport: 'sse' })).not.toContain('wss:');
    expect(sample('curl')).toContain(`curl -N 'https://gateway.example/sluice/graphql'`);
  });

  it('hand over a token where there is one', () => {
    for (const name of ['graphql-ws', 'urql', 'curl']) {
      expect(sample(name)).not.toMatch(/token|authorization/i);
      expect(sample(name, { token: 's3cret' })).toContain('s3cret');
    }
    expect(sample('urql', { token: 's3cret', transport: 'sse' })).toContain('"Bearer s3cret"');
  });

  it.each(['graphql-ws', 'urql'])('of %s have ids that stay what they are', (name) => {
    for (const transport of ['ws', 'sse'] as const) {
      const code = sample(name, { deviceIds: hostile, token: hostile.join(), transport });
      expect(code).toMatch(/^[\n\x20-\x7e]*$/);
      const [, list] = /const variables = \{ deviceIds: (\[.*\]), replay: 60 \};/.exec(code)!;
      expect(JSON.parse(list!)).toEqual(hostile);
    }
  });

  it('of curl have words that a shell takes as they are', () => {
    const words = sample('curl', { deviceIds: hostile, token: `it's` }).split(' \\\n  ');
    const quoted = words.map((word) => /'.*'$/s.exec(word)![0]);
    const [, , , authorization, body] = quoted.map(unquoted);
    expect(authorization).toBe(`authorization: Bearer it's`);
    const { query, variables } = JSON.parse(body!) as { query: string; variables: unknown };
    expect(variables).toEqual({ deviceIds: hostile, replay: 60 });
    expect(parse(query).definitions).toHaveLength(1);
  });
});
