import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GatewayOptions } from '../../src/config/gateway-options.ts';
import { createGateway, type Gateway } from '../../src/gateway.ts';
import type { BrokerStats } from '../../src/metrics/broker-stats.ts';
import { silentLogger, type Logger } from '../../src/observe/logger.ts';
import { until } from './until.ts';

export interface TestGateway extends Gateway, AsyncDisposable {
  /** The address with `ws` in front. */
  readonly webSocketUrl: string;
  /** Resolves as soon as its stats are so; rejects, telling them, when they have not become so for half a minute. */
  until(holds: (stats: BrokerStats) => boolean): Promise<void>;
  /** What `/ready` answers. */
  readiness(): Promise<{ status: number; checks: Record<string, string> }>;
}

type Options = GatewayOptions & { readonly logger?: Logger; readonly dashboardFolder?: string };

/**
 * A gateway in this process on a port of its own, which reads from its MQTT
 * broker. Without `mqttUrl` that is the embedded one, without simulated devices.
 */
export async function startTestGateway(options: Options = {}): Promise<TestGateway> {
  const gateway = await startUnreadyGateway(options);
  await until('the gateway reads from its MQTT broker', () => gateway.stats().ingestConnected);
  return gateway;
}

/** The same, as soon as it listens: for a test of what it does until it reads, or without an MQTT broker. */
export async function startUnreadyGateway(options: Options = {}): Promise<TestGateway> {
  const gateway = createGateway({
    port: 0,
    embeddedMqttPort: 0,
    simulatedDevices: 0,
    logger: silentLogger,
    // None, so that no test depends on whether the page was built here before.
    dashboardFolder: join(tmpdir(), 'sluice-without-dashboard'),
    ...options,
  });
  await gateway.start();
  const { url, mqttUrl } = gateway;
  return {
    ...gateway,
    // Getters, which are known since it has started.
    url,
    mqttUrl,
    webSocketUrl: url.replace(/^http/, 'ws'),
    until: (holds) =>
      until(
        holds.toString(),
        () => holds(gateway.stats()),
        () => gateway.stats(),
      ),
    async readiness() {
      const response = await fetch(`${url}/ready`);
      const { checks } = (await response.json()) as { checks: Record<string, string> };
      return { status: response.status, checks };
    },
    [Symbol.asyncDispose]: () => gateway.close(),
  };
}
