import mqtt from 'mqtt';

export interface Publication {
  readonly topic: string;
  readonly payload: Buffer | string;
  readonly retain?: boolean;
}

/** Whoever publishes: its messages reach the MQTT broker in the order of the calls. */
export interface Device extends AsyncDisposable {
  /** Resolves when the MQTT broker has it. */
  publish(topic: string, payload: Buffer | string, options?: PublishOptions): Promise<void>;
  /** All of them in their order; resolves when the MQTT broker has the last one. */
  publishAll(publications: Iterable<Publication>): Promise<void>;
}

interface PublishOptions {
  readonly retain?: boolean;
  readonly qos?: 0 | 1;
}

export async function connectDevice(
  url: string,
  access: { readonly username?: string; readonly password?: string } = {},
): Promise<Device> {
  const client = await mqtt.connectAsync(url, { reconnectPeriod: 0, ...access });
  // A broker that a test kills takes its devices with it.
  client.on('error', () => undefined);
  const publish: Device['publish'] = async (topic, payload, { retain = false, qos = 1 } = {}) => {
    await client.publishAsync(topic, payload, { qos, retain });
  };
  return {
    publish,
    async publishAll(publications) {
      const taken: Promise<void>[] = [];
      for (const { topic, payload, retain = false } of publications) {
        taken.push(publish(topic, payload, { retain }));
      }
      await Promise.all(taken);
    },
    async [Symbol.asyncDispose]() {
      await client.endAsync(true);
    },
  };
}
