import { Kind, parse } from 'graphql';
import { entities } from '../../database/entities/index.ts';
import { AUDIT_TARGET_TYPES } from '../../database/events/actions.ts';
import { loadTypeDefs } from '../../schema.ts';
import type { DomainNames } from './names.ts';

/** The prefixes and suffixes of the types that a domain declares. */
const TYPES = ['_', '_Connection', '_Edge', '_OrderField', '_Order', '_Filter', 'Create_Input', 'Update_Input'];

/**
 * Returns what a new domain would declare a second time: types, fields, tables, words of the audit trail and names in
 * the files that list domains.
 *
 * @param listings the texts of the files that list domains, by path
 */
export function collisionsOf(names: DomainNames, listings: ReadonlyMap<string, string>): string[] {
  const { one, many, type, types } = names;
  const { declared, fields } = declarationsOf(loadTypeDefs());
  const wanted = {
    type: TYPES.map((pattern) => pattern.replace('_', type)),
    field: [
      `Query.${one}`,
      `Query.${many}`,
      ...['create', 'update', 'delete'].map((verb) => `Mutation.${verb}${type}`),
    ],
    table: [many],
    'word of the audit trail': [one],
  };
  const existing: Readonly<Record<keyof typeof wanted, ReadonlySet<string>>> = {
    type: declared,
    field: fields,
    table: new Set(entities.map(({ meta }) => meta.tableName)),
    'word of the audit trail': new Set(AUDIT_TARGET_TYPES),
  };
  const kinds = ['type', 'field', 'table', 'word of the audit trail'] as const;
  const repeated = kinds.flatMap((kind) =>
    wanted[kind].filter((name) => existing[kind].has(name)).map((name) => `the ${kind} ${name}`),
  );
  const identifiers = [`${type}Entity`, types, `${one}Resolvers`, `${one}.ts`];
  const listed = [...listings].flatMap(([path, text]) =>
    identifiers.filter((name) => mentions(text, name)).map((name) => `${name} in ${path}`),
  );
  return [...repeated, ...listed];
}

function mentions(text: string, name: string): boolean {
  return new RegExp(`(?<![\\w-])${name.replace('.', '\\.')}(?!\\w)`).test(text);
}

/** Returns the names of all types, and the coordinates of root fields. */
function declarationsOf(typeDefs: readonly string[]): { declared: ReadonlySet<string>; fields: ReadonlySet<string> } {
  const declared = new Set<string>();
  const fields = new Set<string>();
  for (const definition of typeDefs.flatMap((text) => parse(text).definitions)) {
    if ('name' in definition && definition.name !== undefined) {
      declared.add(definition.name.value);
    }
    if (definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.OBJECT_TYPE_EXTENSION) {
      definition.fields?.forEach((field) => fields.add(`${definition.name.value}.${field.name.value}`));
    }
  }
  return { declared, fields };
}
