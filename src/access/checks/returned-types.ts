import {
  getNamedType,
  getNullableType,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isLeafType,
  isListType,
  isScalarType,
} from 'graphql';
import { type ConnectionRole, hasFields } from '../policy/connections.ts';
import { isRoot } from '../policy/field-checks.ts';
import { isPageDetail } from './filter-names.ts';
import { kindOf } from './probe-words.ts';

/** A schema, with what is known of the types that its fields return. */
export interface ReturnContext {
  readonly schema: GraphQLSchema;
  readonly connections: ReadonlyMap<string, ConnectionRole>;
  /** The types of what a type returns, as far as they were looked up. */
  readonly returned: Map<string, readonly string[]>;
}

/** Tells whether a field returns many objects, out of which its arguments choose. */
export function isListed({ connections }: ReturnContext, returned: GraphQLOutputType): boolean {
  const type = getNamedType(returned);
  return isListType(getNullableType(returned)) || connections.has(type.name) || itemsOf(type).length > 0;
}

/**
 * Returns the types of what a field returns: the nodes of a connection, the items of a page, an abstract type and all its
 * members, and the objects that one of these only holds.
 */
export function targetsOf(context: ReturnContext, returned: GraphQLNamedType): readonly string[] {
  const before = context.returned.get(returned.name);
  if (before !== undefined) {
    return before;
  }
  const found = new Set<GraphQLNamedType>();
  addTargets(context, returned, found);
  const names = [...found].map(({ name }) => name);
  context.returned.set(returned.name, names);
  return names;
}

function addTargets(context: ReturnContext, returned: GraphQLNamedType, found: Set<GraphQLNamedType>): void {
  const { schema, connections } = context;
  const node = connections.get(returned.name)?.node;
  const types = node ? [node] : [returned, ...itemsOf(returned)];
  const members = types.flatMap((type) => (isAbstractType(type) ? schema.getPossibleTypes(type) : []));
  for (const type of [...types, ...members].filter((one) => !found.has(one))) {
    found.add(type);
    heldBy(context, type).forEach((held) => addTargets(context, held, found));
  }
}

/** Fields beside the objects that a type holds: `{ id attributes: User }`, `{ score user: User }`, `{ success user: User }`. */
const BESIDE = /^(id|.*_?ids?|cursor|score|rank|relevance|highlights?|success|ok|message|code|client_?mutation_?id)$/i;

/** Returns the types of the objects that a type holds, if it has nothing else that could be filtered by. */
function heldBy({ schema }: ReturnContext, type: GraphQLNamedType): GraphQLNamedType[] {
  const fields = hasFields(type) && !isRoot(schema, type.name) ? Object.values(type.getFields()) : [];
  const objects = fields.filter((field) => !isLeafType(getNamedType(field.type)));
  const others = fields.filter((field) => !objects.includes(field));
  const isHolder = others.every(({ name }) => BESIDE.test(name) || isPageDetail(name));
  return isHolder ? objects.map((field) => getNamedType(field.type)) : [];
}

/** Returns the types that a search for objects compares with its text: if these have no text of their own, those they lead to. */
export function searchedTypes(context: ReturnContext, targets: readonly string[]): readonly string[] {
  const types = targets.map((target) => context.schema.getType(target)).filter(hasFields);
  const returned = types.flatMap((type) => Object.values(type.getFields()).map((field) => getNamedType(field.type)));
  const hasText = returned.some((type) => isScalarType(type) && type.name !== 'ID' && kindOf(type) === 'text');
  const related = returned.filter((type) => !isLeafType(type)).flatMap((type) => targetsOf(context, type));
  return hasText ? targets : [...new Set([...targets, ...related])];
}

/** The names of the field that holds the objects of a page, in a type that is not a connection. */
const ITEMS = new Set([
  'items',
  'results',
  'nodes',
  'data',
  'records',
  'rows',
  'list',
  'entries',
  'hits',
  'docs',
  'documents',
]);

/** Returns the types of the objects of a page: of fields called so, or of its only list beside totals and cursors. */
function itemsOf(type: GraphQLNamedType): GraphQLNamedType[] {
  const fields = hasFields(type) ? Object.values(type.getFields()) : [];
  const lists = fields.filter((field) => isListType(getNullableType(field.type)));
  const others = fields.filter((field) => !lists.includes(field));
  const isPage = lists.length === 1 && others.length > 0 && others.every(({ name }) => isPageDetail(name));
  return lists
    .filter(({ name }) => isPage || ITEMS.has(name))
    .map((field) => getNamedType(field.type))
    .filter((item) => !isLeafType(item));
}

/** Returns the types of the objects that a filter of this name leads to, as `account: AccountFilter` does. */
export function relatedTypes(context: ReturnContext, target: string, name: string): readonly string[] {
  const type = context.schema.getType(target);
  const fields = hasFields(type) ? type.getFields() : {};
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return field === undefined ? [] : targetsOf(context, getNamedType(field.type));
}
