/** Mercurius with its own emitter, as its documentation shows it. Installed apart: see the README. */
import { createRequire } from 'node:module';
import { connect } from 'mqtt';
import { deviceOf } from '../rows/frame.ts';

interface PubSub {
  subscribe(topics: string[]): Promise<unknown>;
  publish(event: { topic: string; payload: unknown }): void;
}

interface App {
  register(plugin: unknown, options: object): unknown;
  ready(): Promise<void>;
  listen(options: { port: number; host: string; backlog: number }): Promise<string>;
  graphql: { pubsub: PubSub };
}

// The types of these packages are not there when the product alone is installed and checked.
const require = createRequire(import.meta.url);
const fastify = require('fastify') as (options?: object) => App;
const mercurius = require('mercurius') as unknown;

const schema = /* GraphQL */ `
  scalar JSON
  type Query {
    hello: String
  }
  type DeviceMessage {
    deviceId: ID!
    topic: String!
    payload: JSON!
    receivedAt: String!
    position: String!
  }
  type Subscription {
    deviceMessages(deviceIds: [ID!]!): DeviceMessage!
  }
`;

const resolvers = {
  Subscription: {
    deviceMessages: {
      subscribe: (
        _root: unknown,
        { deviceIds }: { deviceIds: string[] },
        { pubsub }: { pubsub: PubSub },
      ) => pubsub.subscribe(deviceIds),
    },
  },
};

const app = fastify();
app.register(mercurius, { schema, resolvers, subscription: true });
await app.ready();

let place = 0;
const mqtt = connect(process.env['BENCH_MQTT_URL'] ?? '');
mqtt.on('message', (topic, payload) => {
  const deviceId = deviceOf(topic);
  app.graphql.pubsub.publish({
    topic: deviceId,
    payload: {
      deviceMessages: {
        deviceId,
        topic,
        payload: JSON.parse(payload.toString()) as unknown,
        receivedAt: new Date().toISOString(),
        position: `bench-${++place}`,
      },
    },
  });
});
await mqtt.subscribeAsync('devices/+/messages');
await app.listen({ port: Number(process.env['BENCH_PORT']), host: '127.0.0.1', backlog: 4096 });
process.stdout.write('ready\n');
