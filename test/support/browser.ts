import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';

export interface Browser extends AsyncDisposable {
  readonly page: Page;
  /** Every address that the page has asked for, WebSockets too. */
  readonly asked: readonly string[];
}

export interface BrowserOptions {
  /** Names that lead to this machine, as those of an attacker's DNS server may. */
  readonly namesOfThisMachine?: readonly string[];
}

/** A Chromium of its own, with an empty profile. */
export async function openBrowser({
  namesOfThisMachine = [],
}: BrowserOptions = {}): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'sluice-chromium-'));
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    executablePath: '/usr/bin/chromium',
    headless: true,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--host-resolver-rules=${namesOfThisMachine.map((name) => `MAP ${name} 127.0.0.1`).join(', ')}`,
    ],
  });
  const asked: string[] = [];
  context.on('request', (request) => asked.push(request.url()));
  const page = await context.newPage();
  page.on('websocket', (webSocket) => asked.push(webSocket.url()));
  return {
    page,
    asked,
    async [Symbol.asyncDispose]() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
