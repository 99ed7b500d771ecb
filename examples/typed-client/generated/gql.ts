/* eslint-disable */
import * as types from './graphql.ts';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

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
    "mutation Login($login: String!, $password: String!) {\n  login(login: $login, password: $password) {\n    accessToken\n    refreshToken\n  }\n}\n\nmutation Refresh($refreshToken: String!) {\n  refreshSession(refreshToken: $refreshToken) {\n    accessToken\n    refreshToken\n  }\n}\n\nmutation Logout {\n  logout\n}\n\nquery Stock($first: Int!, $after: String) {\n  inventoryItems(first: $first, after: $after, orderBy: {field: NAME}) {\n    nodes {\n      name\n      data\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}\n\nquery WhoAndAccounts {\n  me {\n    username\n    displayName\n  }\n  accounts(first: 1) {\n    totalCount\n  }\n}\n\nmutation Write($title: String!, $content: String!) {\n  createDocument(input: {title: $title, content: $content}) {\n    ...Draft\n  }\n}\n\nmutation Rewrite($id: ID!, $content: String!, $version: Int!) {\n  updateDocument(id: $id, input: {content: $content, version: $version}) {\n    ...Draft\n  }\n}\n\nquery Read($id: ID!) {\n  document(id: $id) {\n    ...Draft\n  }\n}\n\nmutation Discard($id: ID!) {\n  deleteDocument(id: $id) {\n    id\n  }\n}\n\nfragment Draft on Document {\n  id\n  content\n  version\n}\n\nmutation Stack($name: String!, $data: JSON!) {\n  addInventoryItem(input: {name: $name, data: $data}) {\n    name\n  }\n}\n\nmutation Sell($name: String!, $by: Int!) {\n  adjustInventoryCount(name: $name, by: $by) {\n    name\n  }\n}\n\nmutation Clear($name: String!) {\n  deleteInventoryItem(name: $name) {\n    name\n  }\n}\n\nsubscription Changes($name: String!) {\n  inventoryChanged(name: $name) {\n    kind\n    item {\n      data\n    }\n  }\n}": typeof types.LoginDocument,
};
const documents: Documents = {
    "mutation Login($login: String!, $password: String!) {\n  login(login: $login, password: $password) {\n    accessToken\n    refreshToken\n  }\n}\n\nmutation Refresh($refreshToken: String!) {\n  refreshSession(refreshToken: $refreshToken) {\n    accessToken\n    refreshToken\n  }\n}\n\nmutation Logout {\n  logout\n}\n\nquery Stock($first: Int!, $after: String) {\n  inventoryItems(first: $first, after: $after, orderBy: {field: NAME}) {\n    nodes {\n      name\n      data\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}\n\nquery WhoAndAccounts {\n  me {\n    username\n    displayName\n  }\n  accounts(first: 1) {\n    totalCount\n  }\n}\n\nmutation Write($title: String!, $content: String!) {\n  createDocument(input: {title: $title, content: $content}) {\n    ...Draft\n  }\n}\n\nmutation Rewrite($id: ID!, $content: String!, $version: Int!) {\n  updateDocument(id: $id, input: {content: $content, version: $version}) {\n    ...Draft\n  }\n}\n\nquery Read($id: ID!) {\n  document(id: $id) {\n    ...Draft\n  }\n}\n\nmutation Discard($id: ID!) {\n  deleteDocument(id: $id) {\n    id\n  }\n}\n\nfragment Draft on Document {\n  id\n  content\n  version\n}\n\nmutation Stack($name: String!, $data: JSON!) {\n  addInventoryItem(input: {name: $name, data: $data}) {\n    name\n  }\n}\n\nmutation Sell($name: String!, $by: Int!) {\n  adjustInventoryCount(name: $name, by: $by) {\n    name\n  }\n}\n\nmutation Clear($name: String!) {\n  deleteInventoryItem(name: $name) {\n    name\n  }\n}\n\nsubscription Changes($name: String!) {\n  inventoryChanged(name: $name) {\n    kind\n    item {\n      data\n    }\n  }\n}": types.LoginDocument,
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
export function graphql(source: "mutation Login($login: String!, $password: String!) {\n  login(login: $login, password: $password) {\n    accessToken\n    refreshToken\n  }\n}\n\nmutation Refresh($refreshToken: String!) {\n  refreshSession(refreshToken: $refreshToken) {\n    accessToken\n    refreshToken\n  }\n}\n\nmutation Logout {\n  logout\n}\n\nquery Stock($first: Int!, $after: String) {\n  inventoryItems(first: $first, after: $after, orderBy: {field: NAME}) {\n    nodes {\n      name\n      data\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}\n\nquery WhoAndAccounts {\n  me {\n    username\n    displayName\n  }\n  accounts(first: 1) {\n    totalCount\n  }\n}\n\nmutation Write($title: String!, $content: String!) {\n  createDocument(input: {title: $title, content: $content}) {\n    ...Draft\n  }\n}\n\nmutation Rewrite($id: ID!, $content: String!, $version: Int!) {\n  updateDocument(id: $id, input: {content: $content, version: $version}) {\n    ...Draft\n  }\n}\n\nquery Read($id: ID!) {\n  document(id: $id) {\n    ...Draft\n  }\n}\n\nmutation Discard($id: ID!) {\n  deleteDocument(id: $id) {\n    id\n  }\n}\n\nfragment Draft on Document {\n  id\n  content\n  version\n}\n\nmutation Stack($name: String!, $data: JSON!) {\n  addInventoryItem(input: {name: $name, data: $data}) {\n    name\n  }\n}\n\nmutation Sell($name: String!, $by: Int!) {\n  adjustInventoryCount(name: $name, by: $by) {\n    name\n  }\n}\n\nmutation Clear($name: String!) {\n  deleteInventoryItem(name: $name) {\n    name\n  }\n}\n\nsubscription Changes($name: String!) {\n  inventoryChanged(name: $name) {\n    kind\n    item {\n      data\n    }\n  }\n}"): (typeof documents)["mutation Login($login: String!, $password: String!) {\n  login(login: $login, password: $password) {\n    accessToken\n    refreshToken\n  }\n}\n\nmutation Refresh($refreshToken: String!) {\n  refreshSession(refreshToken: $refreshToken) {\n    accessToken\n    refreshToken\n  }\n}\n\nmutation Logout {\n  logout\n}\n\nquery Stock($first: Int!, $after: String) {\n  inventoryItems(first: $first, after: $after, orderBy: {field: NAME}) {\n    nodes {\n      name\n      data\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}\n\nquery WhoAndAccounts {\n  me {\n    username\n    displayName\n  }\n  accounts(first: 1) {\n    totalCount\n  }\n}\n\nmutation Write($title: String!, $content: String!) {\n  createDocument(input: {title: $title, content: $content}) {\n    ...Draft\n  }\n}\n\nmutation Rewrite($id: ID!, $content: String!, $version: Int!) {\n  updateDocument(id: $id, input: {content: $content, version: $version}) {\n    ...Draft\n  }\n}\n\nquery Read($id: ID!) {\n  document(id: $id) {\n    ...Draft\n  }\n}\n\nmutation Discard($id: ID!) {\n  deleteDocument(id: $id) {\n    id\n  }\n}\n\nfragment Draft on Document {\n  id\n  content\n  version\n}\n\nmutation Stack($name: String!, $data: JSON!) {\n  addInventoryItem(input: {name: $name, data: $data}) {\n    name\n  }\n}\n\nmutation Sell($name: String!, $by: Int!) {\n  adjustInventoryCount(name: $name, by: $by) {\n    name\n  }\n}\n\nmutation Clear($name: String!) {\n  deleteInventoryItem(name: $name) {\n    name\n  }\n}\n\nsubscription Changes($name: String!) {\n  inventoryChanged(name: $name) {\n    kind\n    item {\n      data\n    }\n  }\n}"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;