import { readFileSync } from 'node:fs';
import { type DomainNames, isReservedField } from './names.ts';

/** The files that a domain consists of, as they stand in `skeleton/`. */
export type SkeletonFile =
  | 'schema.graphql'
  | 'entity.ts'
  | 'migration.ts'
  | 'service.ts'
  | 'resolvers.ts'
  | 'page.graphql'
  | 'page.tsx'
  | 'access.test.ts';

const PLACEHOLDER = /__(one|many|Types?|columns|input)__/g;

/**
 * Returns a file of the skeleton, with the names of a domain in the places of `__one__`, `__many__`, `__Type__` and
 * `__Types__`, and with the lines of its fields.
 */
export function skeletonOf(file: SkeletonFile, names: DomainNames, fields: readonly DomainField[] = []): string {
  const { one, many, type, types } = names;
  const words: Readonly<Record<string, string>> = {
    one,
    many,
    Type: type,
    Types: types,
    columns: columnsOf(fields),
    input: inputOf(fields),
  };
  const text = readFileSync(new URL(`skeleton/${file}.txt`, import.meta.url), 'utf8');
  return text
    .replaceAll(/^( *)__fields:(\w+)__\n/gm, (_line, indent: string, place: string) =>
      fields.map((field) => `${indent}${FIELD_LINES[place]?.(field, names) ?? ''}\n`).join(''),
    )
    .replaceAll(PLACEHOLDER, (placeholder, name: string) => words[name] ?? placeholder);
}

const STATEMENTS = ['select', 'insert', 'update', 'delete'];

/** The files that list domains, each with the function that adds a new domain to its text. */
export const registrations: Readonly<Record<string, (text: string, names: DomainNames, migration: string) => string>> =
  {
    'src/database/entities/index.ts': (text, { one, type }) => {
      const imported = behindLast(/^import .*$/gm, text, importOf(`${type}Entity`, `./${one}.ts`));
      const exported = behindLast(/^export \* from .*$/gm, imported, `export * ${from(`./${one}.ts`)}`);
      return beforeLast('\n];', exported, `\n  ${type}Entity,`);
    },
    'src/database/migrations/index.ts': (text, { types }, migration) => {
      const imported = behindLast(/^import .*$/gm, text, importOf(types, `./${migration}.ts`));
      return beforeLast('];', imported, `  { name: '${migration}', class: ${types} },\n`);
    },
    'src/database/table-rights.ts': (text, { many }) => {
      const rights = STATEMENTS.map((statement) => {
        const role = statement === 'select' ? 'STANDARD' : 'MANAGER';
        return `    ${statement}: { role: '${role}' },\n`;
      });
      return beforeLast('};', text.replace('= {};', '= {\n};'), `  ${many}: {\n${rights.join('')}  },\n`);
    },
    'src/schema.ts': (text, { one, many }) => {
      const line = importOf(`${one}Resolvers`, `./modules/${many}/resolvers.ts`);
      const imported = behindLast(/^import .*resolvers\.ts';$/gm, text, line);
      return behindLast(/^ +\w+Resolvers,$/gm, imported, `      ${one}Resolvers,`);
    },
    'src/database/events/actions.ts': (text, { one }) => {
      const told = behindLast(
        /^ {2}'\w+\.\w+',$/gm,
        text,
        ['created', 'updated', 'deleted'].map((verb) => `  '${one}.${verb}',`).join('\n'),
      );
      return behindLast(/^ {2}'\w+',$/gm, told, `  '${one}',`);
    },
    'codegen.yml': (text, { many, type }) => {
      const mapper = `        ${type}: ../database/entities/index.ts#${type}`;
      const lines = `${mapper}\n        ${type}Connection: ../modules/${many}/service.ts#${type}Connection`;
      return behindLast(/^ {6}mappers:$/gm, text, lines);
    },
  };

function importOf(name: string, path: string): string {
  return `import { ${name} } ${from(path)}`;
}

function from(path: string): string {
  return `from '${path}';`;
}

function behindLast(pattern: RegExp, text: string, line: string): string {
  const last = [...text.matchAll(pattern)].at(-1);
  if (last === undefined) {
    throw new Error(`No line matches ${String(pattern)}: add "${line.trim()}" by hand, where it belongs`);
  }
  const end = last.index + last[0].length;
  return `${text.slice(0, end)}\n${line}${text.slice(end)}`;
}

function beforeLast(what: string, text: string, line: string): string {
  const at = text.lastIndexOf(what);
  return `${text.slice(0, at)}${line}${text.slice(at)}`;
}

/** A field that `--field name:type[!]@role` asks for. */
export interface DomainField {
  readonly name: string;
  readonly type: keyof typeof TYPES;
  readonly isRequired: boolean;
  /** The role that the field requires beside the type's own; null for none. */
  readonly role: string | null;
}

/** The forms of each type: GraphQL, entity, column, TypeScript, and a value for tests. */
const TYPES = {
  String: { entity: 'p.text()', column: 'text', ts: 'string', value: '"a text"' },
  Int: { entity: 'p.integer()', column: 'int', ts: 'number', value: '7' },
  Float: { entity: 'p.double()', column: 'double precision', ts: 'number', value: '1.5' },
  Boolean: { entity: 'p.boolean()', column: 'boolean', ts: 'boolean', value: 'true' },
  DateTime: { entity: 'p.datetime(3)', column: 'timestamptz(3)', ts: 'Date', value: '"2026-01-31T12:00:00.000Z"' },
} as const;

const FIELD = /^([a-z][A-Za-z0-9]{0,39}):([A-Za-z]+)(!?)(?:@([A-Z][A-Z_]*))?$/;

/**
 * Reads the values of `--field`.
 *
 * @param roles the roles of the schema
 */
export function readFields(
  texts: readonly string[],
  roles: readonly string[],
): readonly DomainField[] | { readonly problem: string } {
  const fields: DomainField[] = [];
  for (const text of texts) {
    const [, name = '', typeName = '', mark = '', role = null] = FIELD.exec(text) ?? [];
    const type = (Object.keys(TYPES) as DomainField['type'][]).find(
      (known) => known.toLowerCase() === typeName.toLowerCase(),
    );
    if (name === '') {
      return { problem: `"${text}" is not a field: write name:type, name:type! or name:type@ROLE.` };
    }
    if (type === undefined) {
      return { problem: `"${text}" has an unknown type: use ${Object.keys(TYPES).join(', ')}.` };
    }
    if (role !== null && !roles.includes(role)) {
      return { problem: `"${text}" has an unknown role: use ${roles.join(', ')}.` };
    }
    if (isReservedField(name) || fields.some((field) => field.name.toLowerCase() === name.toLowerCase())) {
      return { problem: `There is already a field "${name}": choose another name.` };
    }
    fields.push({ name, type, isRequired: mark === '!', role });
  }
  return fields;
}

/** Generates the lines of a field for a place of the skeleton. */
type Lines = (
  field: DomainField,
  names: { readonly one: string; readonly type: string; readonly many: string },
) => string;

const requirement = ({ role }: DomainField): string => (role === null ? '' : ` @auth(requires: ${role})`);
const optional = ({ name, type }: DomainField): string => `readonly ${name}?: ${TYPES[type].ts} | null | undefined;`;

/** The lines by the name of their place, `__fields:name__`. */
const FIELD_LINES: Readonly<Record<string, Lines>> = {
  // A field that a viewer may be denied is nullable.
  type: (field) =>
    `${field.name}: ${field.type}${field.isRequired && field.role === null ? '!' : ''}${requirement(field)}`,
  create: (field) => `${field.name}: ${field.type}${field.isRequired ? '!' : ''}${requirement(field)}`,
  update: (field) => `${field.name}: ${field.type}${requirement(field)}`,
  entity: ({ name, type, isRequired }) => `${name}: ${TYPES[type].entity}${isRequired ? '' : '.nullable()'},`,
  selected: ({ name }) => name,
  createInput: (field) => (field.isRequired ? `readonly ${field.name}: ${TYPES[field.type].ts};` : optional(field)),
  updateInput: optional,
  row: ({ name, isRequired }) => `${name}: input.${name}${isRequired ? '' : ' ?? null'},`,
  changes: ({ name, isRequired }) =>
    `...(input.${name} !== undefined ${isRequired ? `&& input.${name} !== null ` : ''}&& { ${name}: input.${name} }),`,
  form: ({ name, type, isRequired }) => {
    const parse = PARSE[type];
    return `{ name: '${name}', title: '${titleOf(name)}', coordinate: \`\${input}.${name}\`, kind: 'text',${isRequired ? ' required: true,' : ''} read: (row) => String(row.${name} ?? '')${parse === null ? '' : `, parse: ${parse}`} },`;
  },
  column: ({ name }, { type }) =>
    `{ id: '${name}', title: '${titleOf(name)}', coordinate: '${type}.${name}', cell: (row) => String(row.${name} ?? '') },`,
  test: ({ name, type, role }, { many }) =>
    role === null
      ? `it('have a ${name}', async () => {
    await add();
    const { body } = await app.as('ADMIN').request('{ ${many}(first: 1) { nodes { ${name} } } }');
    expect(body.data).toEqual({ ${many}: { nodes: [{ ${name}: ${TYPES[type].value.replaceAll('"', "'")} }] } });
  });`
      : `it.each([
    ['STANDARD', '${role === 'STANDARD' || role === 'GUEST' ? 'data' : 'FORBIDDEN'}'],
    ['${role}', 'data'],
    ['SUPER_ADMIN', 'data'],
  ])('%s: the ${name} is answered with %s', async (who, expected) => {
    await add();
    expect(await outcome(who, '{ ${many}(first: 1) { nodes { name ${name} } } }')).toBe(expected);
  });`,
};

const PARSE: Readonly<Record<DomainField['type'], string | null>> = {
  String: null,
  Int: "(text) => (text === '' ? null : Number(text))",
  Float: "(text) => (text === '' ? null : Number(text))",
  Boolean: "(text) => (text === '' ? null : text === 'true')",
  DateTime: null,
};

/** Returns the columns for the migration, each with a comma after it. */
function columnsOf(fields: readonly DomainField[]): string {
  return fields
    .map(
      ({ name, type, isRequired }) => ` ${snakeCase(name)} ${TYPES[type].column} ${isRequired ? 'not null' : 'null'},`,
    )
    .join('');
}

/** Returns the values of all fields for the inputs of tests. */
function inputOf(fields: readonly DomainField[]): string {
  return fields.map(({ name, type }) => `, ${name}: ${TYPES[type].value}`).join('');
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `unitPrice`: `Unit price`. */
function titleOf(name: string): string {
  const words = snakeCase(name).replaceAll('_', ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
