import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isEnumType, isObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { shownStats } from '../../client/generated/shown-stats.ts';
import { createSchema } from '../../schema/schema.ts';
import { labelWord, snakeCase } from '../../src/metrics/metric.ts';
import { entryOf, labels, metricNames } from '../../src/metrics/catalogue.ts';
import { plainStats } from '../../src/metrics/plain-stats.ts';
import { startUnreadyGateway } from '../support/gateway.ts';

const schema = createSchema();

const root = join(import.meta.dirname, '../..');
const singles = metricNames.filter((name) => !('members' in entryOf(name)));

function fieldsOf(typeName: string): Record<string, string> {
  const type = schema.getType(typeName);
  if (!isObjectType(type)) throw new Error(`${typeName} is no object type`);
  return Object.fromEntries(
    Object.values(type.getFields()).map(({ name, type: ofField, description }) => [
      name,
      `${ofField.toString()} ${description}`,
    ]),
  );
}

describe('the catalogue of metrics', () => {
  it('is the type BrokerStats, with all descriptions', () => {
    const expected = metricNames.map((name): [string, string] => {
      const entry = entryOf(name);
      if ('members' in entry) return [name, `${entry.typeName}! ${entry.description}`];
      const type = 'label' in entry ? `[${entry.label.countName}!]` : entry.type;
      return [name, `${type}! ${entry.description}`];
    });
    expect(fieldsOf('BrokerStats')).toEqual(Object.fromEntries(expected));
  });

  it('is what the plain stats have, in its order', async () => {
    await using gateway = await startUnreadyGateway();
    const response = await fetch(`${gateway.url}/api/v1/stream/stats`);
    const told = (await response.json()) as Record<string, unknown>;
    expect(Object.keys(told)).toEqual(metricNames.map(snakeCase));
    expect(told['process']).toEqual(
      Object.fromEntries(
        Object.keys(plainStats(gateway.stats())['process'] as object).map((name) => [
          name,
          expect.any(Number),
        ]),
      ),
    );
  });

  it('has each member of a part in its type and in the values', async () => {
    await using gateway = await startUnreadyGateway();
    for (const name of metricNames) {
      const entry = entryOf(name);
      if (!('members' in entry)) continue;
      const members = Object.keys(entry.members).toSorted();
      expect(Object.keys(fieldsOf(entry.typeName)).toSorted()).toEqual(members);
      expect(Object.keys(gateway.stats()[name]).toSorted()).toEqual(members);
    }
  });

  it('is in the documentation, each metric and each value of a label in a row', async () => {
    const page = await readFile(join(root, 'docs/metrics.md'), 'utf8');
    for (const name of singles) {
      const rows = page.split(`\n| \`${name}\` | \`${snakeCase(name)}\` | `);
      expect(rows, name).toHaveLength(2);
    }
    for (const { enumName, values } of labels) {
      const section = page.split(`\n## ${enumName}\n`)[1]!.split('\n## ')[0]!;
      for (const key of Object.keys(values)) expect(section).toContain(`\n| \`${labelWord(key)}\``);
    }
  });

  it('has no breakdown by a label that is not in the list', () => {
    for (const name of metricNames) {
      const entry = entryOf(name);
      if ('label' in entry) expect(labels, name).toContain(entry.label);
    }
  });

  it('holds no two metrics under one name, and has totals only of breakdowns of the same kind and unit', () => {
    const held: string[] = [];
    for (const name of metricNames) {
      const entry = entryOf(name);
      if (!('source' in entry)) continue;
      if ('held' in entry.source) held.push(entry.source.held);
      if (!('totalOf' in entry.source)) continue;
      const { totalOf } = entry.source;
      const { kind, unit, title, group } = entry;
      expect(entryOf(metricNames.find((each) => each === totalOf)!), name).toMatchObject({
        kind,
        unit,
        title,
        group,
        label: expect.any(Object),
      });
    }
    expect(new Set(held).size).toBe(held.length);
  });

  it('is shown under titles that differ', () => {
    const titles = shownStats.map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });
});

describe.each(labels)('the label $enumName', ({ enumName, countName, name, values }) => {
  it('has its values and their descriptions in the SDL', () => {
    const type = schema.getType(enumName);
    if (!isEnumType(type)) throw new Error(`${enumName} is no enum`);
    const told = type.getValues().map((value) => [value.name, value.description]);
    const expected = Object.entries(values).map(([key, text]) => [labelWord(key), text]);
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(expected));
  });

  it('has a type with a value and its count', () => {
    const fields = fieldsOf(countName);
    expect(Object.keys(fields).toSorted()).toEqual(['count', name].toSorted());
    expect(fields[name]).toMatch(new RegExp(`^${enumName}! `));
    expect(fields['count']).toMatch(/^SafeInt! /);
  });
});
