import {
  Kind,
  parse,
  print,
  printSchema,
  visit,
  type ConstDirectiveNode,
  type GraphQLSchema,
} from 'graphql';
import type { DeviceRecord } from '../src/log/device-directory.ts';
import type { Builder } from './builder.ts';
import type { DeviceRef } from './device.ts';
import { badUserInput } from './errors.ts';

/** Federation supports subscriptions from version 2.4 on. */
const header =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.4", import: ["@key", "@shareable"])';

/** The maximum number of errors that are values of one list; with more, the list itself is an error. */
const maxRepresentationErrors = 20;

/** The directives that the types of the contract have in the subgraph. */
const directives: ReadonlyMap<string, string> = new Map([
  ['Device', '@key(fields: "id")'],
  // Every subgraph with pages has this type.
  ['PageInfo', '@shareable'],
]);

/**
 * Turns the schema into a subgraph: `_service` describes it to a gateway of Apollo
 * Federation, and `_entities` resolves the entities that other subgraphs refer to.
 */
export function addFederation(builder: Builder, device: DeviceRef): void {
  const service = builder.objectRef<{ readonly sdl: string }>('_Service').implement({
    description: 'This subgraph.',
    fields: (t) => ({
      sdl: t.exposeString('sdl', { description: 'Its schema, with the directives of federation.' }),
    }),
  });
  builder.scalarType('_Any', {
    description: 'An entity by its type and its key: `{ "__typename": "Device", "id": … }`.',
    serialize: (value) => value,
  });
  const entity = builder.unionType('_Entity', {
    description: 'The types that other subgraphs may refer to.',
    types: [device],
    resolveType: () => 'Device',
  });
  let sdl: string | undefined;
  builder.queryFields((t) => ({
    _service: t.field({
      type: service,
      description: 'What a gateway of Apollo Federation has to know about this subgraph.',
      resolve: (_root, _args, _context, { schema }) => ({ sdl: (sdl ??= subgraphSdl(schema)) }),
    }),
    _entities: t.field({
      type: [entity],
      nullable: { list: false, items: true },
      description:
        'The entities of these keys, in their order; null for a device that the gateway has never heard.',
      args: {
        representations: t.arg({
          type: ['_Any'],
          required: true,
          description: 'Their types and keys.',
        }),
      },
      resolve(_root, { representations }, { log, budget }, info) {
        if (!budget.admits(representations.length, info)) return [];
        let errors = 0;
        return representations.map((each) => {
          const id = deviceIdOf(each);
          if (!(id instanceof Error)) return log.device(id);
          errors += 1;
          // Returned as a value: an invalid representation does not affect the others. With too
          // many of them, the request itself is invalid.
          if (errors > maxRepresentationErrors) throw id;
          // GraphQL.js accepts an error as an item; the types of Pothos do not know that.
          return id as unknown as DeviceRecord;
        });
      },
    }),
  }));
}

/**
 * The SDL of a schema with federation, as `_service` answers it and composition reads
 * it: with the directives of federation, and without the parts that every subgraph has.
 */
export function subgraphSdl(schema: GraphQLSchema): string {
  const document = visit(parse(printSchema(schema)), {
    ObjectTypeDefinition(type) {
      if (isOfFederation(type)) return null;
      const directive = directives.get(type.name.value);
      return directive === undefined
        ? undefined
        : { ...type, directives: [directiveOf(directive)] };
    },
    ScalarTypeDefinition: withoutFederation,
    UnionTypeDefinition: withoutFederation,
    FieldDefinition: withoutFederation,
  });
  return `${header}\n\n${print(document)}\n`;
}

interface Named {
  readonly name: { readonly value: string };
}

/** No name of the contract begins with an underscore. */
function isOfFederation({ name }: Named): boolean {
  return name.value.startsWith('_');
}

function withoutFederation(node: Named): null | undefined {
  return isOfFederation(node) ? null : undefined;
}

function directiveOf(text: string): ConstDirectiveNode {
  const [definition] = parse(`scalar Any ${text}`).definitions;
  if (definition?.kind !== Kind.SCALAR_TYPE_DEFINITION) throw new Error(`${text} is no directive`);
  return definition.directives![0]!;
}

function deviceIdOf(representation: unknown): string | Error {
  const { __typename: type, id } = Object(representation) as Record<string, unknown>;
  if (type === 'Device' && typeof id === 'string') return id;
  return badUserInput(
    'A representation is { "__typename": "Device", "id": … }, with a string as id.',
  );
}
