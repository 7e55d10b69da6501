import { connectDevice, type Device } from './device.ts';
import { startGatewayProcess, type GatewayProcess } from './gateway-process.ts';
import { startMosquitto } from './mosquitto.ts';
import { until } from './until.ts';

/** A gateway for a recipe, with an MQTT broker that keeps for it what is published while it is dead. */
export interface RecipeGateway extends GatewayProcess {
  readonly device: Device;
  /** These values, in this order, as messages of the device `a`. */
  publish(...values: readonly number[]): Promise<void>;
  /** Resolves as soon as so many subscriptions are open. */
  subscribers(count: number): Promise<void>;
}

export async function startRecipeGateway(
  settings: Readonly<Record<string, string>> = {},
): Promise<RecipeGateway> {
  const stack = new AsyncDisposableStack();
  const mosquitto = stack.use(await startMosquitto());
  const gateway = stack.use(
    await startGatewayProcess({
      SLUICE_MQTT_URL: mosquitto.url,
      SLUICE_MQTT_CLIENT_ID: 'sluice-recipe',
      SLUICE_MQTT_SESSION_EXPIRY_S: '3600',
      ...settings,
    }),
  );
  const device = stack.use(await connectDevice(mosquitto.url));
  return {
    ...gateway,
    device,
    publish: (...values) =>
      device.publishAll(
        values.map((value) => ({ topic: 'devices/a/messages', payload: String(value) })),
      ),
    async subscribers(count) {
      let open: unknown;
      await until(
        `${count} subscriptions are open`,
        async () => {
          const response = await fetch(`${gateway.url}/api/v1/stream/stats`);
          ({ active_subscribers: open } = (await response.json()) as {
            active_subscribers: number;
          });
          return open === count;
        },
        () => open,
      );
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
