import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll } from 'vitest';
import { openBrowser, type Browser } from './browser.ts';

const root = resolve(import.meta.dirname, '../..');
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** The page, built from its sources into a folder of its own for the tests of one file. */
export function useDashboard(): { readonly folder: string } {
  const dashboard = { folder: '' };
  beforeAll(async () => {
    dashboard.folder = await mkdtemp(join(tmpdir(), 'sluice-dashboard-'));
    await build({
      root: join(root, 'client/web'),
      logLevel: 'error',
      build: { outDir: dashboard.folder },
    });
  });
  afterAll(() => rm(dashboard.folder, { recursive: true }));
  return dashboard;
}

export interface DashboardBrowser extends Browser {
  /** Errors that no one caught, and what stood on the console as one. */
  readonly problems: readonly string[];
}

/** A browser in which the page can be looked at by axe too. */
export async function openDashboardBrowser({
  width = 1360,
  height = 900,
}: { readonly width?: number; readonly height?: number } = {}): Promise<DashboardBrowser> {
  const browser = await openBrowser();
  const { page } = browser;
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (line) => line.type() === 'error' && problems.push(line.text()));
  await page.setViewportSize({ width, height });
  // Before the page: its own policy refuses a script that is put into it later.
  await page.addInitScript({ path: axe });
  return { ...browser, problems };
}

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe finds that keeps somebody from using what is shown now. */
export async function barriers(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const { axe: here } = globalThis as never as {
      axe: { run(): Promise<{ violations: Violation[] }> };
    };
    const { violations } = await here.run();
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
  });
}

/** For the documentation, where it is asked for. */
export async function picture(page: Page, name: string): Promise<void> {
  if (process.env['SLUICE_SCREENSHOTS'] !== '1') return;
  const images = join(root, 'docs/images');
  await mkdir(images, { recursive: true });
  await page.screenshot({ path: join(images, `dashboard-${name}.png`) });
}

/** A row of the list of devices. */
export function deviceRow(page: Page, name: string | RegExp) {
  return page.getByRole('listbox', { name: 'List of devices' }).getByRole('option', { name });
}

/** Goes to one of the page's views. */
export async function goToView(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation').getByRole('button', { name, exact: true }).click();
}
