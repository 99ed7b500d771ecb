import { globSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type DefinitionNode, type DirectiveNode, type DocumentNode, Kind, parse, visit } from 'graphql';
import { authTypeDefsFor, PolicyError, type PolicyOptions, type PolicySource } from '../../access/index.ts';
import { isUsableSchema } from '../../access/read/load.ts';
import { isRecord } from '../../access/values.ts';
import { similarFile } from '../output.ts';
import { readTypes } from './documents.ts';
import { UsageError } from './usage.ts';

/** There is no schema where the command line says. */
export class SchemaFailure extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SchemaFailure';
  }
}

/**
 * Loads the schema that a command line names: SDL, or a module.
 *
 * @throws SchemaFailure if there is none
 */
export async function loadSchema(names: readonly string[], options: PolicyOptions): Promise<PolicySource> {
  const module = names.find((name) => /\.[cm]?[jt]sx?$/.test(name) && !ADDRESS.test(name));
  if (module === undefined) {
    return withDirectives(await readDocuments(names), options);
  }
  if (names.length > 1) {
    throw new UsageError(`${module} is a module, whose schema is complete: name nothing beside it.`);
  }
  if (statSync(module, { throwIfNoEntry: false }) === undefined) {
    throw new SchemaFailure(`There is no schema at ${module}.${similarFile(module)}`);
  }
  return schemaOf(await importModule(module), module);
}

/** Imports a module. @throws SchemaFailure if it cannot be loaded */
export async function importModule(module: string): Promise<object> {
  const { href } = pathToFileURL(resolve(module));
  return (import(href) as Promise<object>).catch(failing(module));
}

function failing(module: string): (error: unknown) => never {
  const remedy = /\.([cm]?ts|[jt]sx)$/.test(module)
    ? ' Node runs TypeScript whose types can be removed; compile other modules first, and name the result.'
    : '';
  return (error) => {
    if (error instanceof PolicyError) {
      throw error; // The module guards its schema, and cannot.
    }
    throw new SchemaFailure(`${module} cannot be loaded: ${String(error)}.${remedy}`.replace('..', '.'));
  };
}

/** Parses the SDL of files, folders, patterns and standard input. */
async function readDocuments(names: readonly string[]): Promise<DocumentNode[]> {
  // A file that is named in two ways is read once.
  const files = new Map(names.flatMap(filesOf).map((file) => [file === '-' ? file : resolve(file), file]));
  const documents = await Promise.all([...files.values()].map(readTypes));
  if (documents.every((document) => document === null)) {
    const read = names.map((name) => (name === '-' ? 'standard input' : name));
    throw new SchemaFailure(`There are no type definitions in ${read.join(', ')}.`);
  }
  return documents.filter((document) => document !== null);
}

const exclude = (path: string): boolean => basename(path) === 'node_modules';

/** The address of a server, which is not read. */
const ADDRESS = /^(https?|wss?):\/\//i;

/** Lists the files that a name stands for. @throws {SchemaFailure} if there are none */
function filesOf(name: string): string[] {
  if (ADDRESS.test(name)) {
    throw new SchemaFailure(
      `${name} is the address of a server, whose introspection holds no directives, so it does not say who may reach what: ` +
        'name SDL files, or a module that exports the schema.',
    );
  }
  const found = name === '-' ? undefined : statSync(name, { throwIfNoEntry: false });
  if (name === '-' || (found !== undefined && !found.isDirectory())) {
    return [name];
  }
  const files =
    found === undefined
      ? globSync(name, { exclude })
      : globSync('**/*.{graphql,graphqls,gql}', { cwd: name, exclude }).map((file) => join(name, file));
  if (files.length === 0) {
    throw new SchemaFailure(
      found === undefined
        ? `There is no schema at ${name}.${similarFile(name)}`
        : `There is no file with the ending .graphql, .graphqls or .gql in the folder ${name}.`,
    );
  }
  return files.toSorted();
}

/**
 * Returns the documents with the directives, if they declare none. A schema without roles has no enum of them: then its
 * requirements are permissions, owners and policies.
 */
function withDirectives(
  documents: readonly DocumentNode[],
  { roleEnum = 'Role', directives = {}, undecided = 'refuse', inherits }: PolicyOptions,
): DocumentNode[] {
  const { auth = 'auth', public: open = 'public' } = directives;
  const has = (matches: (node: DefinitionNode) => boolean): boolean =>
    documents.some(({ definitions }) => definitions.some(matches));
  const used = documents.flatMap(usesOf);
  if (has((node) => node.kind === Kind.DIRECTIVE_DEFINITION && node.name.value === auth)) {
    if (undecided === 'refuse' && !used.some(({ name }) => name.value === auth || name.value === open)) {
      throw new SchemaFailure(
        `The schema declares @${auth} and uses it nowhere. If graphql-js or a builder has printed it, it has lost its directives: ` +
          'name a module that exports the schema, or a promise of it, as "schema". Otherwise mark it; --undecided report lists its fields.',
      );
    }
    return [...documents];
  }
  const text = authTypeDefsFor(roleEnum, directives);
  if (has((node) => node.kind === Kind.ENUM_TYPE_DEFINITION && node.name.value === roleEnum)) {
    return [parse(text), ...documents];
  }
  if (
    inherits === undefined &&
    used.some(
      ({ name, arguments: args = [] }) =>
        name.value === auth && args.some((argument) => argument.name.value === 'requires'),
    )
  ) {
    throw new SchemaFailure(
      `The schema requires roles, and has no enum "${roleEnum}" of them: declare one, for example ` +
        `"enum ${roleEnum} { ADMIN }", or name yours with --role-enum. Roles that are strings are named with --inherits.`,
    );
  }
  return [parse(text.replace(`[${roleEnum}!]`, '[String!]')), ...documents];
}

function usesOf(document: DocumentNode): DirectiveNode[] {
  const uses: DirectiveNode[] = [];
  visit(document, { Directive: (node) => void uses.push(node) });
  return uses;
}

async function schemaOf(module: object, source: string): Promise<PolicySource> {
  const exported = new Map<string, unknown>(Object.entries(module));
  const inner = exported.get('default');
  const exports = [exported.get('schema'), inner, isRecord(inner) ? inner['schema'] : undefined];
  const candidates = await Promise.all(exports).catch(failing(source));
  const schema = candidates.find(isUsableSchema);
  if (schema === undefined) {
    throw new SchemaFailure(`${source} exports no GraphQLSchema as "schema" or by default.`);
  }
  return schema;
}
