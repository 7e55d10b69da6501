import {
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
  GraphQLUnionType,
  Kind,
  parse,
  print,
  printSchema,
  visit,
  type ConstDirectiveNode,
  type GraphQLFieldConfig,
} from 'graphql';
import type { DeviceRecord } from '../src/log/device-directory.ts';
import type { SchemaContext } from './builder.ts';
import { badUserInput } from './errors.ts';
import { schema } from './schema.ts';

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

/** The contract as a subgraph of Apollo Federation 2. */
export interface FederatedSchema {
  readonly schema: GraphQLSchema;
  /** What `_service` answers and composition reads: the contract with the directives of federation. */
  readonly sdl: string;
}

let built: FederatedSchema | undefined;

/** The one instance of the process, like the schema that it extends. Built at the first call. */
export function federatedSchema(): FederatedSchema {
  built ??= build();
  return built;
}

function build(): FederatedSchema {
  const sdl = subgraphSdl();
  const { types, ...config } = schema.toConfig();
  const query = schema.getQueryType()!;
  const { fields, ...queryConfig } = query.toConfig();
  return {
    sdl,
    schema: new GraphQLSchema({
      ...config,
      query: new GraphQLObjectType({
        ...queryConfig,
        fields: { ...fields, _service: serviceField(sdl), _entities: entitiesField() },
      }),
      // No other type refers to Query, so both schemas can share them.
      types: types.filter((type) => type !== query),
    }),
  };
}

function subgraphSdl(): string {
  const document = visit(parse(printSchema(schema)), {
    ObjectTypeDefinition(type) {
      const directive = directives.get(type.name.value);
      return directive === undefined
        ? undefined
        : { ...type, directives: [directiveOf(directive)] };
    },
  });
  return `${header}\n\n${print(document)}\n`;
}

function directiveOf(text: string): ConstDirectiveNode {
  const [definition] = parse(`scalar Any ${text}`).definitions;
  if (definition?.kind !== Kind.SCALAR_TYPE_DEFINITION) throw new Error(`${text} is no directive`);
  return definition.directives![0]!;
}

type RootField = GraphQLFieldConfig<unknown, SchemaContext>;

function serviceField(sdl: string): RootField {
  const service = new GraphQLObjectType({
    name: '_Service',
    description: 'This subgraph.',
    fields: {
      sdl: {
        type: new GraphQLNonNull(GraphQLString),
        description: 'Its schema, with the directives of federation.',
      },
    },
  });
  return {
    type: new GraphQLNonNull(service),
    description: 'What a gateway of Apollo Federation has to know about this subgraph.',
    resolve: () => ({ sdl }),
  };
}

function entitiesField(): RootField {
  const representation = new GraphQLScalarType({
    name: '_Any',
    description: 'An entity by its type and its key: `{ "__typename": "Device", "id": … }`.',
  });
  const entity = new GraphQLUnionType({
    name: '_Entity',
    description: 'The types that other subgraphs may refer to.',
    types: [deviceType()],
    resolveType: () => 'Device',
  });
  return {
    type: new GraphQLNonNull(new GraphQLList(entity)),
    description:
      'The entities of these keys, in their order; null for a device that the gateway has never heard.',
    args: {
      representations: {
        type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(representation))),
        description: 'Their types and keys.',
      },
    },
    resolve(_root, { representations }: { representations: unknown[] }, { log, budget }, info) {
      if (!budget.admits(representations.length, info)) return [];
      let errors = 0;
      return representations.map((each) => {
        const id = deviceIdOf(each);
        if (!(id instanceof Error)) return log.device(id);
        errors += 1;
        // Returned as a value: an invalid representation does not affect the others. With too many
        // of them, the request itself is invalid.
        if (errors > maxRepresentationErrors) throw id;
        return id;
      });
    },
  };
}

function deviceType(): GraphQLObjectType<DeviceRecord, SchemaContext> {
  const type = schema.getType('Device');
  if (!(type instanceof GraphQLObjectType)) throw new Error('Device is no object type');
  return type;
}

function deviceIdOf(representation: unknown): string | Error {
  const { __typename: type, id } = Object(representation) as Record<string, unknown>;
  if (type === 'Device' && typeof id === 'string') return id;
  return badUserInput(
    'A representation is { "__typename": "Device", "id": … }, with a string as id.',
  );
}
