import pluralize from 'pluralize';
import { Kind, parse } from 'graphql';
import { entities } from '../../database/entities/index.ts';
import { AUDIT_TARGET_TYPES } from '../../database/events/actions.ts';
import { loadTypeDefs } from '../../schema.ts';

/** The names of a kind of data, in each form in which code uses them. */
export interface DomainNames {
  /** `supplier` */
  readonly one: string;
  /** `suppliers`: the table, the folder, the list. */
  readonly many: string;
  /** `Supplier` */
  readonly type: string;
  /** `Suppliers` */
  readonly types: string;
}

const WORD = /^[a-z]{2,30}$/;

/**
 * Words that cannot name a variable, a type or a table of the skeleton: of JavaScript and TypeScript, of GraphQL, of
 * PostgreSQL (its reserved key words), global objects, and words of the skeleton's own code.
 */
const RESERVED: ReadonlySet<string> = new Set(
  `abstract all analyse analyze and any arguments array as asc asymmetric async await bigint boolean both break
  buffer case cast catch check class collate column connection const constraint constructor context continue create
  current data date debugger decimal declare default deferrable delete desc directive distinct do document domain
  else em end entity enum error eval exact except export extends false fetch field filter finally float for foreign
  fragment from function global grant group having id if implements import in initially input instanceof int integer
  interface intersect into iterator json lateral leading let limit list localtime map math maybe migration mutation
  name namespace never new node not null number object offset on only or order package page partial pick placing
  policy primary private process promise protected public query record references regexp require required resolver
  return returning row scalar scalars schema scope select self set some static string subscription super switch
  symbol symmetric system table target text then this throw to trailing true try type typeof undefined union unique
  unit unknown user using var variable variadic version viewer void when where while window with yield`.split(/\s+/),
);

/**
 * Returns the names of a domain.
 *
 * @param many the English plural without it: `countries` for `country`
 * @returns null if {@link problemOfNames} has an objection
 */
export function domainNames(one: string, many = pluralize(one)): DomainNames | null {
  return problemOfNames(one, many) === null ? { one, many, type: capitalised(one), types: capitalised(many) } : null;
}

/** Returns one sentence about words that cannot name a domain and its plural, or null if they can. */
export function problemOfNames(one: string, many = pluralize(one)): string | null {
  if (one === '') {
    return 'Name the domain.';
  }
  const malformed = [one, many].find((word) => !WORD.test(word));
  if (malformed !== undefined) {
    return `"${malformed}" is not a name: use one word of 2 to 30 lower-case letters, such as "supplier".`;
  }
  const reserved = [one, many].find((word) => RESERVED.has(word));
  if (reserved !== undefined) {
    return `"${reserved}" is a reserved word in the generated code or its languages: choose another word.`;
  }
  if (one !== many) {
    return null;
  }
  const singular = pluralize.singular(one);
  const hint = singular === one ? '' : `; if it is one, name the domain by its singular, "${singular}"`;
  return `"${one}" has no plural of its own: choose one with --plural${hint}.`;
}

/** Fields of every domain, and words that a column or a local variable cannot have as its name. */
export function isReservedField(name: string): boolean {
  return ['id', 'name', 'createdAt', 'createdBy', 'createdById', 'version'].includes(name) || SQL_WORDS.has(name);
}

/** Reserved key words of PostgreSQL that are plausible names of fields: columns of these names would need quotes. */
const SQL_WORDS: ReadonlySet<string> = new Set(
  `all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create default
  deferrable desc distinct do else end except false fetch for foreign from grant group having in initially intersect into
  lateral leading limit not null offset on only or order placing primary references returning select some symmetric table
  then to trailing true union unique user using variadic when where window with constructor`.split(/\s+/),
);

function capitalised(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}

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
