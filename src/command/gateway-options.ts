import { graphqlUrl } from '../../client/address.ts';
import * as kind from '../config/kind.ts';
import { option, type OptionValues } from './option.ts';

const token = kind.secret('a token without line breaks or other control characters', 'token');
/** What cannot stand in a header would come back in the words of `fetch`, which show it. */
const tokenKind: kind.Kind<string> = {
  ...token,
  check: (value) =>
    typeof value === 'string' && /^[\u0020-\u007e\u00a0-\u00ff]+$/.test(value)
      ? { ok: true, value }
      : { ok: false },
};

/** What every command that asks a gateway takes. */
export const gatewayOptions = {
  url: option({
    kind: kind.url(['http', 'https', 'ws', 'wss']),
    description:
      'the address of the gateway, or of its GraphQL; one that ends with / gets graphql appended',
    default: 'http://127.0.0.1:4000/graphql',
    variable: 'SLUICE_URL',
  }),
  token: option({
    kind: tokenKind,
    description:
      'the access token; rather set the variable, a flag can be seen in the list of processes',
    default: undefined,
    variable: 'SLUICE_TOKEN',
  }),
  transport: option({
    kind: kind.choice(['ws', 'sse', 'auto'], 'ws|sse|auto'),
    description: 'WebSocket, Server-Sent Events, or these where proxies cut a WebSocket',
    default: 'auto',
  }),
};

/** How long to go without the gateway. */
export function gatewayTimeout(standardS: number) {
  return option({
    kind: kind.integer({ min: 0, max: 86_400, placeholder: 'seconds' }),
    description:
      'how long to go without a gateway that serves, at the start and after each loss, before giving up; 0: for ever',
    default: standardS,
  });
}

export type GatewayOptionValues = OptionValues<typeof gatewayOptions> & {
  readonly timeoutS: number;
};

/** Where its GraphQL is, by the rule of the client. */
export function gatewayUrl({ url }: Pick<GatewayOptionValues, 'url'>): string {
  return graphqlUrl(new URL(url)).href;
}
