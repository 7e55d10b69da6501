/** The stock stack, put together as the documentation of its parts shows it. */
import { createServer } from 'node:http';
import { useServer } from 'graphql-ws/use/ws';
import {
  createPubSub,
  createSchema,
  createYoga,
  Repeater,
  type YogaInitialContext,
} from 'graphql-yoga';
import { connect } from 'mqtt';
import { WebSocketServer } from 'ws';
import { deviceOf } from './frame.ts';

interface DeviceMessage {
  deviceId: string;
  topic: string;
  payload: unknown;
  receivedAt: string;
  position: string;
}

const pubSub = createPubSub<{ deviceMessage: [deviceId: string, message: DeviceMessage] }>();

const yoga = createYoga({
  logging: false,
  schema: createSchema({
    typeDefs: /* GraphQL */ `
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
    `,
    resolvers: {
      Subscription: {
        deviceMessages: {
          subscribe: (_root: unknown, { deviceIds }: { deviceIds: string[] }) =>
            Repeater.merge(deviceIds.map((id) => pubSub.subscribe('deviceMessage', id))),
          resolve: (message: DeviceMessage) => message,
        },
      },
    },
  }),
});

const server = createServer((request, response) => void yoga(request, response));
const sockets = new WebSocketServer({ server, path: yoga.graphqlEndpoint });

type Executor = Pick<ReturnType<typeof yoga.getEnveloped>, 'execute' | 'subscribe'>;

useServer(
  {
    execute: (args) => (args.rootValue as Executor).execute(args),
    subscribe: (args) => (args.rootValue as Executor).subscribe(args),
    onSubscribe: async (context, _id, params) => {
      const { schema, execute, subscribe, contextFactory, parse, validate } = yoga.getEnveloped({
        ...context,
        req: context.extra.request,
        socket: context.extra.socket,
        params,
      } as unknown as YogaInitialContext);
      const args = {
        schema,
        operationName: params.operationName,
        document: parse(params.query),
        variableValues: params.variables,
        contextValue: await contextFactory(),
        rootValue: { execute, subscribe },
      };
      const errors = validate(args.schema, args.document);
      return errors.length > 0 ? errors : args;
    },
  },
  sockets,
);

let place = 0;
const mqtt = connect(process.env['BENCH_MQTT_URL'] ?? '');
mqtt.on('message', (topic, payload) => {
  const device = deviceOf(topic);
  pubSub.publish('deviceMessage', device, {
    deviceId: device,
    topic,
    payload: JSON.parse(payload.toString()),
    receivedAt: new Date().toISOString(),
    position: `bench-${++place}`,
  });
});
await mqtt.subscribeAsync('devices/+/messages');
server.listen(Number(process.env['BENCH_PORT']), '127.0.0.1', 4096, () => {
  process.stdout.write('ready\n');
});
