import {
  defaultFieldResolver,
  type FieldNode,
  getNamedType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isObjectType,
  type SelectionSetNode,
} from 'graphql';
import { precheckOf, type Policy } from '../access/index.ts';
import { createEnterOnce, walkSelections } from '../access/selections.ts';

/** The fields that an operation selects of a page of a list, with those that `@skip` or `@include` may leave out. */
export interface SelectedColumns {
  /** True if it selects more than the total. */
  readonly rows: boolean;
  /** The fields of a row that are its properties of the same name. */
  readonly properties: ReadonlySet<string>;
  /** The fields of a row that a resolver makes. */
  readonly computed: ReadonlySet<string>;
  /** Identifies the selection: equal selections have equal keys. */
  readonly key: string;
}

/** The part of a policy that names the fields by which owners are read. */
type Requirements = Pick<Policy, 'rules' | 'types'>;

type Info = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments' | 'returnType' | 'schema'>;

const known = new WeakMap<GraphQLSchema, WeakMap<object, { readonly selected: SelectedColumns | null }>>();

/**
 * Returns the selection of a field that returns a connection (Relay's `nodes`, `edges`, `pageInfo`, and `totalCount`), with the
 * fields by which its requirements read the owner of a row. Returns null for a connection of another shape, or with an
 * abstract node.
 */
export function selectedColumns(info: Info, requirements: Requirements): SelectedColumns | null {
  const byNode = known.get(info.schema) ?? new WeakMap<object, { readonly selected: SelectedColumns | null }>();
  known.set(info.schema, byNode);
  // Merged selections create a new list each time, unless a plan keeps it.
  const key = info.fieldNodes.length === 1 ? (info.fieldNodes[0] ?? info) : info.fieldNodes;
  const found = byNode.get(key) ?? { selected: read(info, requirements) };
  byNode.set(key, found);
  return found.selected;
}

function read({ fieldNodes, fragments, returnType, schema }: Info, requirements: Requirements): SelectedColumns | null {
  const names = (sets: readonly SelectionSetNode[]): Selected => fieldsOf(sets, fragments);
  const page = names(fieldNodes.flatMap(({ selectionSet }) => selectionSet ?? []));
  const edges = names(page.get('edges') ?? []);
  const node = names([...(page.get('nodes') ?? []), ...(edges.get('node') ?? [])]);
  const pageType = objectIn(schema, returnType);
  const edgeType = objectIn(schema, pageType?.getFields()['edges']?.type);
  const nodeType = objectIn(schema, (pageType?.getFields()['nodes'] ?? edgeType?.getFields()['node'])?.type);
  if (!consistsOf(pageType, page, PAGE) || !consistsOf(edgeType, edges, EDGE) || nodeType === null) {
    return null;
  }
  const properties = new Set<string>();
  const computed = new Set<string>();
  for (const name of [...node.keys(), ...ownersOf(nodeType, node, requirements)]) {
    const field = nodeType.getFields()[name];
    if (field === undefined) {
      return null; // an owner whom the viewer cannot see
    }
    (isProperty(field) ? properties : computed).add(name);
  }
  const rows = [...page.keys()].some((name) => name !== 'totalCount');
  return { rows, properties, computed, key: [rows, ...[...properties, ...computed].toSorted()].join() };
}

const PAGE = new Set(['nodes', 'edges', 'pageInfo', 'totalCount']);
const EDGE = new Set(['cursor', 'node']);

/** Returns true if only properties that are known here are selected of an object. */
function consistsOf(type: GraphQLObjectType | null, selected: Selected, expected: ReadonlySet<string>): boolean {
  const fields = type?.getFields();
  return [...selected.keys()].every((name) => {
    const field = fields?.[name];
    return field !== undefined && expected.has(name) && isProperty(field);
  });
}

/** The fields of selection sets, each with the selections in it. */
type Selected = ReadonlyMap<string, readonly SelectionSetNode[]>;

function fieldsOf(sets: readonly SelectionSetNode[], fragments: Info['fragments']): Selected {
  const fields = new Map<string, SelectionSetNode[]>();
  const enter = createEnterOnce<Info['fragments']>();
  const field = ({ name, selectionSet }: FieldNode): void => {
    fields.set(name.value, [...(fields.get(name.value) ?? []), ...(selectionSet ? [selectionSet] : [])]);
  };
  sets.forEach((set) => walkSelections(set, fragments, (name) => fragments[name], { field, enter }));
  fields.delete('__typename');
  return fields;
}

/** The object type that an output is made of. */
function objectIn(schema: GraphQLSchema, output: GraphQLOutputType | undefined): GraphQLObjectType | null {
  const type = output && schema.getType(getNamedType(output).name);
  return isObjectType(type) ? type : null;
}

function isProperty({ resolve = defaultFieldResolver }: GraphQLField<unknown, unknown>): boolean {
  return (precheckOf(resolve)?.resolve ?? resolve) === defaultFieldResolver;
}

/** Returns the fields by which the requirements of a type, and of its selected fields, read the owner. */
function ownersOf({ name }: GraphQLObjectType, selected: Selected, { rules, types }: Requirements): string[] {
  const coordinates = [...selected.keys()].map((field) => rules.get(`${name}.${field}`)?.requirements ?? []);
  const owners = [types.get(name) ?? [], ...coordinates].flat().flatMap(({ owners: named }) => named);
  return owners.filter(({ type }) => type === name).flatMap(({ path }) => path.slice(0, 1));
}
