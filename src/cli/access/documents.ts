import { type DocumentNode, GraphQLError, isExecutableDefinitionNode, parse, Source } from 'graphql';
import { FileFailure, readInput } from '../output.ts';

/** Parses the SDL of one file; null if it holds nothing. @throws {FileFailure} if it holds something else */
export async function readTypes(file: string): Promise<DocumentNode | null> {
  const source = await readSource(file);
  if (isEmpty(source)) {
    return null;
  }
  const document = parseSource(
    source,
    'no SDL. The result of an introspection holds no directives, so it does not say who may reach what: name SDL files, or a ' +
      'module that exports the schema',
  );
  if (document.definitions.every(isExecutableDefinitionNode)) {
    throw new FileFailure(`${nameOf(file)} holds operations, and no type definitions: name the schema first.`);
  }
  return document;
}

/** Parses a file of operations, so that errors name it. @throws {FileFailure} if it holds something else */
export async function readOperations(file: string): Promise<DocumentNode> {
  if (file.includes('{')) {
    throw new FileFailure('Name a file that holds the operation, or "-" to pass its text on standard input.');
  }
  const source = await readSource(file);
  if (isEmpty(source)) {
    throw new FileFailure(`${nameOf(file)} holds no operation: it is empty.`);
  }
  const document = parseSource(
    source,
    'not the text of an operation: name a file that holds it as GraphQL, "{ articles { title } }"',
  );
  if (!document.definitions.some(isExecutableDefinitionNode)) {
    throw new FileFailure(
      `${nameOf(file)} holds type definitions, and no operation: name the operation after the schema.`,
    );
  }
  return document;
}

async function readSource(file: string): Promise<Source> {
  return new Source(textOf(await readInput(file)), nameOf(file));
}

function nameOf(file: string): string {
  return file === '-' ? 'standard input' : file;
}

function isEmpty({ body }: Source): boolean {
  return /^(?:[\s,\uFEFF]|#.*)*$/.test(body);
}

function parseSource(source: Source, notJson: string): DocumentNode {
  try {
    return parse(source);
  } catch (error) {
    if (!(error instanceof GraphQLError)) {
      throw error;
    }
    throw new FileFailure(describeFailure(source, notJson) ?? `${source.name} cannot be read:\n\n${error.toString()}`);
  }
}

/** Says what a file is that holds no GraphQL; null if it looks like GraphQL with a mistake. */
function describeFailure({ name, body }: Source, notJson: string): string | null {
  if (isJson(body)) {
    return `${name} is JSON, and ${notJson}.`;
  }
  return /[\0\uFFFD]/.test(body) ? `${name} is not text in UTF-8.` : null;
}

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}

/** Decodes UTF-8, or what some shells write into a file: UTF-16 with a byte order mark. */
function textOf(bytes: Buffer): string {
  const mark = bytes.subarray(0, 2).toString('hex');
  const encoding = new Map([
    ['fffe', 'utf-16le'],
    ['feff', 'utf-16be'],
  ]).get(mark);
  return new TextDecoder(encoding).decode(bytes);
}
