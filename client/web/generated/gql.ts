/* eslint-disable */
import * as types from './graphql.ts';
import type { GeneratedDocument as DocumentNode } from 'sluice-client';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "query DashboardDevices($first: Int!, $after: String) {\n  devices(first: $first, after: $after) {\n    totalCount\n    nodes {\n      id\n      online\n      lastSeenAt\n      lastMessage {\n        payload\n        retained\n        position\n      }\n    }\n    pageInfo {\n      endCursor\n      hasNextPage\n    }\n  }\n}": typeof types.DashboardDevicesDocument,
    "query DashboardPing {\n  __typename\n}": typeof types.DashboardPingDocument,
};
const documents: Documents = {
    "query DashboardDevices($first: Int!, $after: String) {\n  devices(first: $first, after: $after) {\n    totalCount\n    nodes {\n      id\n      online\n      lastSeenAt\n      lastMessage {\n        payload\n        retained\n        position\n      }\n    }\n    pageInfo {\n      endCursor\n      hasNextPage\n    }\n  }\n}": types.DashboardDevicesDocument,
    "query DashboardPing {\n  __typename\n}": types.DashboardPingDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query DashboardDevices($first: Int!, $after: String) {\n  devices(first: $first, after: $after) {\n    totalCount\n    nodes {\n      id\n      online\n      lastSeenAt\n      lastMessage {\n        payload\n        retained\n        position\n      }\n    }\n    pageInfo {\n      endCursor\n      hasNextPage\n    }\n  }\n}"): (typeof documents)["query DashboardDevices($first: Int!, $after: String) {\n  devices(first: $first, after: $after) {\n    totalCount\n    nodes {\n      id\n      online\n      lastSeenAt\n      lastMessage {\n        payload\n        retained\n        position\n      }\n    }\n    pageInfo {\n      endCursor\n      hasNextPage\n    }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query DashboardPing {\n  __typename\n}"): (typeof documents)["query DashboardPing {\n  __typename\n}"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;