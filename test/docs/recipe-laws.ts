import { expect, it } from 'vitest';
import { connectDevice } from '../support/device.ts';
import { freePort } from '../support/free-port.ts';
import { startTestGateway } from '../support/gateway.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { startRecipeGateway } from '../support/recipe-gateway.ts';
import { withTokenFile, type Recipe } from '../support/typed-recipe.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { startTokenGate } from '../support/token-gate.ts';

export interface RecipeUnderLaw {
  readonly recipe: () => Recipe;
  /** The text of the program, which prints each message as `a 1`, and its gap before it. */
  readonly program: () => string;
  /** What it prints before all messages; of a query, for one. */
  readonly opening: readonly string[];
}

/** What holds for every program of a recipe that runs in Node.js. */
export function comesBack(name: string, { recipe, program, opening }: RecipeUnderLaw): void {
  it(`goes on by itself after the gateway was killed: ${name}`, async () => {
    await using gateway = await startRecipeGateway();
    await gateway.publish(1);
    await recipe().write(`src/${name}-law.ts`, program());
    await using started = recipe().start(`src/${name}-law.ts`, ['a'], {
      SLUICE_URL: gateway.url,
    });
    const { lines } = started;
    expect(await lines.take(opening.length + 1)).toEqual([...opening, 'a 1']);
    await gateway.publish(2);
    expect(await lines.next()).toBe('a 2');
    await gateway.kill();
    await gateway.publish(3, 4);
    await gateway.start();
    expect(await lines.take(3)).toEqual(['gap: missed unknown, STREAM_RESET', 'a 3', 'a 4']);
    await gateway.publish(5);
    expect(await lines.next()).toBe('a 5');
  });

  it(`goes on by itself after the gateway was shut down in order, and repeats nothing: ${name}`, async () => {
    await using mosquitto = await startMosquitto();
    await using device = await connectDevice(mosquitto.url);
    const options = { mqttUrl: mosquitto.url, port: await freePort() };
    await recipe().write(`src/${name}-law.ts`, program());
    await using before = await startTestGateway(options);
    await device.publish('devices/a/messages', '1');
    await before.until(({ totalMessagesProcessed }) => totalMessagesProcessed === 1);
    await using started = recipe().start(`src/${name}-law.ts`, ['a'], {
      SLUICE_URL: before.url,
    });
    const { lines } = started;
    expect(await lines.take(opening.length + 1)).toEqual([...opening, 'a 1']);
    await before.close();
    await using gateway = await startTestGateway(options);
    await gateway.until(({ activeSubscribers }) => activeSubscribers === 1);
    await device.publish('devices/a/messages', '2');
    expect(await lines.take(2)).toEqual(['gap: missed unknown, STREAM_RESET', 'a 2']);
  });

  it(`comes back with a new token and misses nothing when the old one runs out: ${name}`, async () => {
    await using gateway = await startRecipeGateway();
    await using gate = await startTokenGate(gateway.url, 'first');
    await gateway.publish(1);
    await recipe().write('token', 'first');
    await recipe().write(`src/${name}-token-law.ts`, withTokenFile(program()));
    await using started = recipe().start(`src/${name}-token-law.ts`, ['a'], {
      SLUICE_URL: gate.url,
    });
    const { lines } = started;
    expect(await lines.take(opening.length + 1)).toEqual([...opening, 'a 1']);
    // The new token is there before it comes back: what is refused over fetch is refused for good.
    await recipe().write('token', 'second');
    gate.hold();
    gate.expire('second');
    await gateway.subscribers(0);
    await gateway.publish(2, 3);
    gate.release();
    expect(await lines.take(2)).toEqual(['a 2', 'a 3']);
    await gateway.publish(4);
    expect(await lines.next()).toBe('a 4');
    expect(gate.tokens.at(-1)).toBe('second');
  });

  it(`gets once each message of a device that speaks for the first time while the connection is cut: ${name}`, async () => {
    await using gateway = await startRecipeGateway();
    await using proxy = await startTcpProxy(gateway.url);
    await gateway.publish(1, 2);
    await recipe().write(`src/${name}-law.ts`, program());
    await using started = recipe().start(`src/${name}-law.ts`, ['a', 'silent'], {
      SLUICE_URL: proxy.url,
    });
    const { lines } = started;
    // One message is asked to be replayed.
    expect(await lines.take(opening.length + 1)).toEqual([...opening, 'a 2']);
    proxy.refuse(true);
    proxy.cut();
    await gateway.subscribers(0);
    for (const value of ['1', '2', '3']) {
      await gateway.device.publish('devices/silent/messages', value);
    }
    proxy.refuse(false);
    const arrived = [];
    while (arrived.at(-1) !== 'silent 3') arrived.push(await lines.next());
    expect(arrived).toEqual(['silent 1', 'silent 2', 'silent 3']);
    await gateway.publish(3);
    expect(await lines.next()).toBe('a 3');
    proxy.cut();
    await gateway.device.publish('devices/silent/messages', '4');
    expect(await lines.next()).toBe('silent 4');
  });

  it(`says why a subscription was refused, and goes on no more: ${name}`, async () => {
    await using gateway = await startRecipeGateway();
    await recipe().write(`src/${name}-law.ts`, program());
    await using started = recipe().start(`src/${name}-law.ts`, [], {
      SLUICE_URL: gateway.url,
    });
    const { lines } = started;
    for (let line = await lines.next(); !line.startsWith('ended: '); line = await lines.next()) {
      expect(line).not.toMatch(/^a /);
    }
  });
}
