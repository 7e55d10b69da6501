import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  printSchema,
  validateSchema,
  type GraphQLField,
  type GraphQLNamedType,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { createSchema } from '../schema/schema.ts';
import { dropReasons } from '../src/kernel/drop-reason.ts';
import { overflowPolicies } from '../src/broker/overflow-policy.ts';
import { rejectionReasons } from '../src/kernel/rejection.ts';

const schema = createSchema();

interface Described {
  readonly description?: string | null | undefined;
}

const ownTypes = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
);

/** Everything that can be described, by its coordinate: `Query.device(id:)`. */
function* described(): Generator<[coordinate: string, element: Described]> {
  for (const type of ownTypes) {
    yield [type.name, type];
    yield* membersOf(type);
  }
}

function* membersOf(type: GraphQLNamedType): Generator<[string, Described]> {
  if (isEnumType(type)) {
    for (const value of type.getValues()) yield [`${type.name}.${value.name}`, value];
  } else if (isInputObjectType(type)) {
    for (const field of Object.values(type.getFields()))
      yield [`${type.name}.${field.name}`, field];
  } else if (isObjectType(type) || isInterfaceType(type)) {
    for (const field of fieldsOf(type.getFields())) {
      yield [`${type.name}.${field.name}`, field];
      for (const arg of field.args) yield [`${type.name}.${field.name}(${arg.name}:)`, arg];
    }
  }
}

function fieldsOf(
  fields: Record<string, GraphQLField<unknown, unknown>>,
): GraphQLField<unknown, unknown>[] {
  return Object.values(fields);
}

function enumValues(name: string): string[] {
  const type = schema.getType(name);
  if (!isEnumType(type)) throw new Error(`${name} is no enum`);
  return type.getValues().map((value) => value.name);
}

describe('the schema', () => {
  it('is valid', () => {
    expect(validateSchema(schema)).toEqual([]);
  });

  it('is the SDL that is checked in', () => {
    const sdl = readFileSync(join(import.meta.dirname, '../schema/schema.graphql'), 'utf8');
    expect(sdl).toBe(`${printSchema(schema)}\n`);
  });

  it.each([...described()])('says what %s is', (_coordinate, { description }) => {
    // A sentence, and not the name once more.
    expect(description).toMatch(/^\P{Ll}.* .*\.$/su);
  });

  it.each([
    ['OverflowPolicy', overflowPolicies],
    ['DropReason', dropReasons],
    ['RejectionReason', rejectionReasons],
  ])('has in %s exactly the words of the gateway', (name, words) => {
    expect(enumValues(name).toSorted()).toEqual(words.toSorted());
  });

  it('has no field that may be null where the contract promises a value', () => {
    const promised = [
      'DeviceMessage',
      'BrokerStats',
      'ProcessStats',
      'DropCount',
      'RejectionCount',
      'TransportCount',
      'Gap',
    ];
    const mayBeNull = ['DeviceMessage.gap', 'DeviceMessage.payload', 'Gap.missed'];
    for (const name of promised) {
      const type = schema.getType(name);
      if (!isObjectType(type)) throw new Error(`${name} is no object type`);
      for (const field of fieldsOf(type.getFields())) {
        const fieldName = `${name}.${field.name}`;
        if (mayBeNull.includes(fieldName)) continue;
        expect(`${fieldName}: ${field.type.toString()}`).toMatch(/!$/);
      }
    }
  });

  it('has only root fields of a query that may be null: an error in one leaves the others', () => {
    for (const { name, type } of fieldsOf(schema.getQueryType()!.getFields())) {
      expect(`${name}: ${type.toString()}`).not.toMatch(/!$/);
    }
  });

  it('selects from a subscription what its contract names', () => {
    const fields = schema.getSubscriptionType()?.getFields() ?? {};
    expect(getNamedType(fields['deviceMessages']!.type).name).toBe('DeviceMessage');
    expect(
      fields['deviceMessages']!.args.find(({ name }) => name === 'deviceIds')?.type.toString(),
    ).toBe('[ID!]!');
    expect(getNamedType(fields['brokerStats']!.type).name).toBe('BrokerStats');
  });
});
