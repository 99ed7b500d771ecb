import { readFile } from 'node:fs/promises';
import { type DocumentNode, GraphQLError, type GraphQLSchema, Kind } from 'graphql';
import { z } from 'zod';
import type { TablesConfig } from '../config/config.ts';
import { systemScope } from '../database/scopes.ts';
import {
  hashOfDocument,
  publishDocuments,
  readTrustedDocuments,
  removeDocuments,
  type TrustedDocument,
} from '../database/trusted-documents.ts';
import { Pipeline } from '../graphql/pipeline.ts';
import { buildSchema } from '../schema.ts';
import { openDatabase } from '../database/database.ts';
import type { CommandOutput } from './output.ts';

export const DOCUMENTS_USAGE = `Usage: npm run documents -- <command>

  publish <file>… [--max-age <seconds>]   publish documents: all of the files, or none when one is not valid
  list                                    show what is published
  remove <hash>…                          remove documents; "remove --all" removes all of them

A file is a .graphql document exactly as clients send it, or a .json manifest: of GraphQL Code Generator
(persistedDocuments with hashAlgorithm sha256), or of Apollo (generate-persisted-query-manifest).
With --max-age shared caches may keep answers to a GET in which every field is public.`;

const HOLDER = 'npm run documents';

/** The longest time for which an answer may be kept: a week. */
const LONGEST_AGE = 7 * 24 * 60 * 60;

/** The parts of the process that the command uses. */
export interface DocumentsEdges extends CommandOutput {
  readonly now: () => Date;
}

/**
 * The `documents` commands.
 *
 * @returns the exit code. 0: done. 1: refused, and nothing was written. 2: not understood.
 */
export async function documentsCommand(
  args: readonly string[],
  config: TablesConfig,
  edges: DocumentsEdges,
): Promise<number> {
  const [command, ...rest] = args;
  if (command === 'publish') {
    const { files, maxAge } = publishArguments(rest);
    if (files.length > 0 && maxAge !== undefined && !files.some((file) => file.startsWith('--'))) {
      return publish(files, maxAge, config, edges);
    }
  } else if (command === 'list' && rest.length === 0) {
    return list(config, edges);
  } else if (command === 'remove' && rest.length > 0) {
    const isAll = rest.length === 1 && rest[0] === '--all';
    if (isAll || rest.every((hash) => /^(?:sha256:)?[\da-f]{64}$/.test(hash))) {
      return remove(isAll ? null : rest.map((hash) => hash.replace(/^sha256:/, '')), config, edges);
    }
  }
  edges.err(DOCUMENTS_USAGE);
  return 2;
}

/** Returns the files, and the maximum age: null without one, undefined if it is not understood. */
function publishArguments(args: readonly string[]): { files: readonly string[]; maxAge: number | null | undefined } {
  const at = args.indexOf('--max-age');
  if (at === -1) {
    return { files: args, maxAge: null };
  }
  const text = args[at + 1] ?? '';
  const isAge = /^\d{1,6}$/.test(text) && Number(text) >= 1 && Number(text) <= LONGEST_AGE;
  return { files: [...args.slice(0, at), ...args.slice(at + 2)], maxAge: isAge ? Number(text) : undefined };
}

async function publish(
  files: readonly string[],
  maxAge: number | null,
  config: TablesConfig,
  { out, err, now }: DocumentsEdges,
): Promise<number> {
  const problems: string[] = [];
  const documents = new Map<string, TrustedDocument>();
  const validate = createValidator(buildSchema());
  for (const file of files) {
    for (const { name, hash, text } of await readTexts(file, problems)) {
      const own = hashOfDocument(text);
      const wrong = hash !== null && hash !== own ? ['Its id is not the SHA-256 of its text.'] : validate(text);
      problems.push(...wrong.map((message) => `${name}: ${message}`));
      documents.set(own, { hash: own, text, maxAge });
    }
  }
  if (problems.length > 0) {
    problems.forEach((problem) => err(problem));
    err(`${problems.length} problem${problems.length === 1 ? '' : 's'}. Nothing was published.`);
    return 1;
  }
  const database = await openDatabase(config, HOLDER, (step) => out(`… ${step}`));
  try {
    const added = await database.run(systemScope, (em) => publishDocuments(em, [...documents.values()], now()));
    out(`Done: ${added.length} published, ${documents.size - added.length} were published already.`);
    return 0;
  } finally {
    await database.close();
  }
}

/** A text of a file, with the hash that a manifest gives it. */
interface Text {
  readonly name: string;
  readonly hash: string | null;
  readonly text: string;
}

/** The manifest of GraphQL Code Generator: texts by hash. */
const codegenManifest = z.record(z.string(), z.string());

/** The manifest of Apollo, version 1. */
const apolloManifest = z.object({
  format: z.literal('apollo-persisted-query-manifest'),
  version: z.literal(1),
  operations: z.array(z.object({ id: z.string(), body: z.string() })),
});

async function readTexts(file: string, problems: string[]): Promise<readonly Text[]> {
  let content: string;
  try {
    content = await readFile(file, 'utf8');
  } catch {
    problems.push(`${file}: There is no such file, or it cannot be read.`);
    return [];
  }
  if (!file.endsWith('.json')) {
    return [{ name: file, hash: null, text: content }];
  }
  const json = parseJson(content);
  const apollo = apolloManifest.safeParse(json);
  if (apollo.success) {
    return apollo.data.operations.map(({ id, body }) => ({ name: `${file} ${id}`, hash: id, text: body }));
  }
  const codegen = codegenManifest.safeParse(json);
  if (codegen.success) {
    const entries = Object.entries(codegen.data);
    return entries.map(([id, text]) => ({ name: `${file} ${id}`, hash: id.replace(/^sha256:/, ''), text }));
  }
  problems.push(`${file}: This is not a manifest of GraphQL Code Generator or Apollo.`);
  return [];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Creates the function that returns the errors of a document, as the server would answer it. */
function createValidator(schema: GraphQLSchema): (text: string) => readonly string[] {
  const log = { error: () => undefined, warn: () => undefined };
  const pipeline = new Pipeline({ schema, log, requestId: () => null });
  return (text) => {
    const document = pipeline.parse(text);
    const errors = document instanceof GraphQLError ? [document] : pipeline.validate(schema, document);
    return errors.map(({ message, locations }) => `${message}${locations?.[0] ? ` (line ${locations[0].line})` : ''}`);
  };
}

async function list(config: TablesConfig, { out, err }: DocumentsEdges): Promise<number> {
  const database = await openDatabase(config, HOLDER, (step) => err(`… ${step}`));
  try {
    const documents = await database.run(systemScope, readTrustedDocuments);
    const pipeline = new Pipeline({ schema: buildSchema(), log: { error() {}, warn() {} }, requestId: () => null });
    for (const { hash, text, maxAge } of documents) {
      const document = pipeline.parse(text);
      const names = document instanceof GraphQLError ? '(not valid)' : operationNames(document);
      out(`${hash}  ${maxAge === null ? '-' : `${maxAge} s`}  ${names}`);
    }
    err(`${documents.length} document${documents.length === 1 ? '' : 's'}.`);
    return 0;
  } finally {
    await database.close();
  }
}

function operationNames({ definitions }: DocumentNode): string {
  const operations = definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  return operations.map(({ operation, name }) => `${operation} ${name?.value ?? '(no name)'}`).join(', ');
}

/** @param hashes null: all */
async function remove(
  hashes: readonly string[] | null,
  config: TablesConfig,
  { out, err, now }: DocumentsEdges,
): Promise<number> {
  const database = await openDatabase(config, HOLDER, (step) => out(`… ${step}`));
  try {
    const removed = await database.run(systemScope, async (em) =>
      removeDocuments(em, hashes ?? (await readTrustedDocuments(em)).map(({ hash }) => hash), now()),
    );
    const missing = (hashes ?? []).filter((hash) => !removed.includes(hash));
    missing.forEach((hash) => err(`${hash} is not published.`));
    out(`Done: ${removed.length} removed. Servers follow within 5 seconds.`);
    return missing.length === 0 ? 0 : 1;
  } finally {
    await database.close();
  }
}
