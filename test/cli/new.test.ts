import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readPolicy } from '../../src/access/index.ts';
import { newCommand } from '../../src/cli/new.ts';
import { domainNames } from '../../src/cli/new/names.ts';
import { registrations, skeletonOf } from '../../src/cli/new/skeleton.ts';
import { loadTypeDefs } from '../../src/schema.ts';

const ROOT = new URL('../../', import.meta.url).pathname;

/** A folder with the files that name domains. */
function project(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rolegate-new-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const file of Object.keys(registrations)) {
    cpSync(join(ROOT, file), join(folder, file));
  }
  return folder;
}

/** Every file below the folder, with its text. */
function texts(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    paths.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path, entry.isFile() ? readFileSync(path, 'utf8') : 'folder'];
    }),
  );
}

function run(folder: string, ...args: string[]) {
  const said: string[] = [];
  const say = (text: string): void => void said.push(text);
  return { code: newCommand(args, { project: folder, out: say, err: say }), said: said.join('\n') };
}

describe('npm run new -- domain', () => {
  it('a new domain is listed once in each list of parts', () => {
    const folder = project();
    expect(run(folder, 'domain', 'country').code).toBe(0);
    const lines = (file: string): string[] =>
      readFileSync(join(folder, file), 'utf8').match(/^.*countr(?:y|ie).*$/gim) ?? [];
    expect(lines('src/database/entities/index.ts')).toEqual([
      "import { CountryEntity } from './country.ts';",
      "export * from './country.ts';",
      '  CountryEntity,',
    ]);
    expect(lines('src/database/migrations/index.ts')).toEqual([
      expect.stringMatching(/^import \{ Countries \} from '.\/\d{4}-countries.ts';$/),
      expect.stringMatching(/^ {2}\{ name: '\d{4}-countries', class: Countries \},$/),
    ]);
    expect(lines('src/schema.ts')).toEqual([
      "import { countryResolvers } from './modules/countries/resolvers.ts';",
      '      countryResolvers,',
    ]);
    expect(lines('src/database/events/actions.ts')).toEqual([
      "  'country.created',",
      "  'country.updated',",
      "  'country.deleted',",
      "  'country',",
    ]);
    expect(lines('codegen.yml')).toHaveLength(2);
  });

  it.each([
    ['supplier', 'suppliers'],
    ['country', 'countries'],
    ['box', 'boxes'],
    ['person', 'people'],
    ['analysis', 'analyses'],
  ])('the plural of %s is found: %s', (one, many) => {
    expect(domainNames(one)?.many).toBe(many);
  });

  it('a word without a plural needs one', () => {
    expect(domainNames('equipment')).toBeNull();
    expect(domainNames('equipment', 'machines')?.types).toBe('Machines');
  });

  it('two migrations are numbered one after the other, as their names sort', () => {
    const folder = project();
    run(folder, 'domain', 'supplier');
    const names = readFileSync(join(folder, 'src/database/migrations/index.ts'), 'utf8').match(/(?<=name: ')[^']+/g);
    expect(names).toEqual(names?.toSorted());
  });

  it.each([
    ['category', 'categories'],
    ['person', 'people'],
    ['box', 'boxes'],
  ])('the plural is formed as English does: %s, %s', (one, many) => {
    expect(domainNames(one)?.many).toBe(many);
  });

  it('existing files are never overwritten', () => {
    const folder = project();
    run(folder, 'domain', 'supplier');
    const before = readFileSync(join(folder, 'src/schema.ts'), 'utf8');
    expect(run(folder, 'domain', 'supplier')).toMatchObject({ code: 1, said: expect.stringContaining('Nothing was') });
    expect(readFileSync(join(folder, 'src/schema.ts'), 'utf8')).toBe(before);
  });

  it.each([
    [],
    ['domain'],
    ['domain', 'Supplier'],
    ['domain', 'sup plier'],
    ['domain', '../x'],
    ['domain', 'supplier', 'supplier'],
    ['domain', 'a', 'b', 'c'],
    ...['case', 'class', 'new', 'query', 'context', 'unit', 'user'].map((word) => ['domain', word]),
    ['domain', 'thing', 'class'],
    ['domain', 'purchase', 'order'],
    ['domain', 'purchase', 'invoice'],
    ['domain', 'purchase order'],
    ['domain', 'purchaseOrder'],
    ['domain', 'supplier', '--plural', 'supplier'],
    ['domain', 'supplier', '--plural', 'all'],
    ['domain', 'suppliers'],
    ['domain', 'supplier', '--prural', 'x'],
    ...['date', 'promise', 'map', 'resolver', 'connection', 'order', 'type', 'await', 'table'].map((word) => [
      'domain',
      word,
    ]),
    ['thing', 'supplier'],
  ])('the usage is printed, and nothing is written, for %j %j', (...args: string[]) => {
    expect(run('/nowhere', ...args)).toMatchObject({ code: 2, said: expect.stringContaining('Usage:') });
  });

  it.each([
    [['purchase', 'order'], '"purchase order" are several'],
    [['purchase order'], '"purchase order" is not a name'],
    [['suppliers'], 'by its singular, "supplier"'],
    [['equipment'], 'choose one with --plural'],
    [['class'], '"class" is a reserved word'],
  ])('the error explains what is wrong with %j', (words, explanation) => {
    expect(run('/nowhere', 'domain', ...words).said).toContain(explanation);
  });

  it.each([
    ['permission', 'the field Query.permissions, Permissions in src/database/migrations/index.ts'],
    ['session', 'the type Session,'],
    ['credential', 'the table credentials'],
    ['audit', 'the word of the audit trail audit'],
    ['scalars', 'scalars'],
    ['viewers', 'viewers'],
    ['message', 'messageResolvers in src/schema.ts'],
    ['index', 'src/database/entities/index.ts'],
    ['account', 'the table accounts'],
  ])('a name that is taken is refused before anything is written: %s', (word, reason) => {
    const folder = project();
    const before = texts(folder);
    const { code, said } = run(folder, 'domain', word);
    expect(code).not.toBe(0);
    expect(said).toContain(reason);
    expect(texts(folder)).toEqual(before);
  });

  it.each([
    ['price', '"price" is not a field'],
    ['Price:Int', '"Price:Int" is not a field'],
    ['price:Money', 'use String, Int, Float, Boolean, DateTime'],
    ['price:Int@BOSS', 'unknown role: use SUPER_ADMIN, ADMIN'],
    ['price:Int!!', 'is not a field'],
    ['name:String', 'There is already a field "name"'],
    ['order:Int', 'There is already a field "order"'],
  ])('the field %s is refused', (field, reason) => {
    const folder = project();
    expect(run(folder, 'domain', 'supplier', '--field', field)).toMatchObject({
      code: 2,
      said: expect.stringContaining(reason),
    });
    expect(readdirSync(folder)).not.toContain('test');
  });

  it('fields are written into every part, guarded ones nullable', () => {
    const folder = project();
    const fields = ['--field', 'terms:string@MANAGER', '--field', 'unitPrice:Float!', '--field', 'cost:Int!@ADMIN'];
    expect(run(folder, 'domain', 'supplier', ...fields).code).toBe(0);
    const written = (file: string): string => readFileSync(join(folder, file), 'utf8');
    const schema = written('schema/suppliers.graphql');
    expect(schema.match(/^ {2}(?:terms|unitPrice|cost): .*$/gm)).toEqual([
      '  terms: String @auth(requires: MANAGER)',
      '  unitPrice: Float!',
      '  cost: Int @auth(requires: ADMIN)',
      '  terms: String @auth(requires: MANAGER)',
      '  unitPrice: Float!',
      '  cost: Int! @auth(requires: ADMIN)',
      '  terms: String @auth(requires: MANAGER)',
      '  unitPrice: Float',
      '  cost: Int @auth(requires: ADMIN)',
    ]);
    expect(() => readPolicy([...loadTypeDefs(), schema])).not.toThrow();
    expect(written('src/database/entities/supplier.ts')).toContain('unitPrice: p.double(),');
    const migrations = readdirSync(join(folder, 'src/database/migrations')).find((name) => name.includes('suppliers'));
    expect(written(`src/database/migrations/${migrations}`)).toContain(
      'terms text null, unit_price double precision not null, cost int not null, created_at',
    );
    for (const file of Object.keys(texts(folder)).filter((name) => /\.(?:tsx?|graphql)$/.test(name))) {
      expect(readFileSync(file, 'utf8')).not.toMatch(/__\w*[a-z]__/);
    }
  });

  it('a run that fails leaves no files', () => {
    const folder = project();
    writeFileSync(join(folder, 'test'), 'a file where a folder would be');
    const before = texts(folder);
    expect(() => run(folder, 'domain', 'supplier')).toThrow('test');
    expect(texts(folder)).toEqual(before);
  });

  it.each([
    ['supplier', 'suppliers'],
    ['country', 'countries'],
    ['ox', 'oxen'],
  ])('the written schema has a requirement for every field: %s', (one, many) => {
    const names = domainNames(one, many);
    const schema = names === null ? '' : skeletonOf('schema.graphql', names);
    expect(() => readPolicy([...loadTypeDefs(), schema])).not.toThrow();
  });
});
