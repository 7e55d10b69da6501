import { redactUrl } from '../config/kind.ts';
import type { Gateway } from '../gateway.ts';
import { trackerId } from '../demo/tracker.ts';

/** Where to look once the gateway runs, and what to try. */
export interface Addresses {
  readonly dashboard: string;
  readonly graphiql: string;
  /** To paste into GraphiQL. */
  readonly subscription: string;
  readonly stats: string;
  /** The plain stream, as a command. */
  readonly stream: string;
  readonly mqtt: string;
  readonly topics: string;
}

export function addressesOf({
  url,
  mqttUrl,
  settings,
}: Pick<Gateway, 'url' | 'mqttUrl' | 'settings'>): Addresses {
  const isSimulated = settings.mqttUrl === undefined && settings.simulatedDevices > 0;
  const deviceId = isSimulated ? trackerId(0) : 'your-device';
  return {
    dashboard: `${url}/`,
    graphiql: `${url}/graphql`,
    subscription: `subscription { deviceMessages(deviceIds: ["${deviceId}"]) { deviceId payload receivedAt } }`,
    stats: `${url}/api/v1/stream/stats`,
    stream: `curl -N '${url}/api/v1/stream?device_ids=${deviceId}'`,
    mqtt: redactUrl(mqttUrl),
    topics: settings.topics.join(', '),
  };
}

/** The same for a person. */
export function welcome(addresses: Addresses): string {
  const { dashboard, graphiql, subscription, stats, stream, mqtt, topics } = addresses;
  return `
Sluice is ready.

  Dashboard     ${dashboard}
  GraphiQL      ${graphiql}
     to paste   ${subscription}
  Plain stream  ${stream}
  Statistics    ${stats}
  MQTT          devices publish to ${mqtt} on ${topics}

`;
}
