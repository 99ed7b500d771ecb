import { describe, expect, test } from 'vitest';
import { type AccessViewer, authTypeDefsFor, guardSchema, readPolicy } from '../../src/access/index.ts';
import { ANONYMOUS, ask, executable, guarded, problemsOf, ROLES } from './support.ts';

// A team that observes denials in a running system changes its schema later.

const who = (context: AccessViewer) => context;

describe('a schema whose denials would go wrong can be observed', () => {
  const NOTE = 'type Note @public { id: ID text: String @auth(requires: ADMIN) }';
  test.each<readonly [name: string, sdl: string, coordinate: string]>([
    ['the default of an argument', 'type Query @public { a(x: Int = 1 @auth(requires: ADMIN)): Int }', 'Query.a(x:)'],
    [
      'the default of an input field',
      'input In { x: Int = 1 @auth(requires: ADMIN) } type Query @public { a(in: In): Int }',
      'In.x',
    ],
    [
      'a default that uses a guarded input field',
      'input In { x: Int @auth(requires: ADMIN) } type Query @public { a(in: In = { x: 1 }): Int }',
      'Query.a(in:)',
    ],
    ['a field that is not nullable', 'type Query { a: Int! @auth(requires: ADMIN) }', 'Query.a'],
    [
      'items that are not nullable',
      `${NOTE} type Own @auth(owner: "id") { id: ID } type Query @public { a: [Own!] }`,
      'Query.a',
    ],
    [
      'a filter',
      `${NOTE} input Filter { text: String } type Query @public { a(filter: Filter): [Note] }`,
      'Filter.text',
    ],
    ['a search', `${NOTE} type Query @public { a(search: String): [Note] }`, 'Query.a(search:)'],
    [
      'a mutation that writes first',
      'type A @public { a: Int } type B @auth(requires: ADMIN) { b: Int } union U = A | B type Mutation @public { a: U } type Query @public { a: Int }',
      'Mutation.a',
    ],
  ])('%s', (_name, sdl, coordinate) => {
    const schema = executable(sdl);
    const refusal = problemsOf(sdl);
    expect(refusal.map((problem) => problem.replace(/: .*/s, ''))).toEqual([coordinate]);
    const policy = readPolicy(schema, { enforcement: 'observe' });
    expect(policy.problems.map((problem) => `${problem.coordinate}: ${problem.message}`)).toEqual(refusal);
    expect(() => guardSchema(schema, { viewer: who, enforcement: 'observe' })).not.toThrow();
    expect(() => guardSchema(schema, { viewer: who, enforcement: 'observe', policy })).not.toThrow();
    expect(() => guardSchema(schema, { viewer: who })).toThrow(refusal[0]);
    expect(() => guardSchema(schema, { viewer: who, policy })).toThrow(refusal[0]);
  });

  test('but not one whose requirements are wrong', () => {
    const schema = executable('type Query @public { a: Int @auth(requires: []) }');
    expect(() => guardSchema(schema, { viewer: who, enforcement: 'observe' })).toThrow('names nothing');
  });

  test('in the words of the schema', () => {
    const directives = { auth: 'access', reads: 'shows' };
    const sdl = `
      type Note @public { z: Int text: String @access(requires: ADMIN) }
      type Query @public { zs(search: String): [Note] as(search: String): [Note] }`;
    const source = [authTypeDefsFor('Role', directives), ROLES, sdl];
    const { problems } = readPolicy(source, { enforcement: 'observe', directives });
    expect(problems.map(({ coordinate }) => coordinate)).toEqual(['Query.as(search:)', 'Query.zs(search:)']);
    expect(problems[0]?.message).toContain('add @shows(fields:');
  });

  test('and one that is enforced has none', () => {
    expect(readPolicy(executable('type Query @public { a: Int }')).problems).toEqual([]);
  });
});

test('a default counts as supplied while guards observe', async () => {
  const denials: string[] = [];
  const schema = guarded(
    'type Query @public { a(x: Int = 1 @auth(requires: ADMIN)): Int }',
    { Query: { a: (_source: unknown, { x }: { x: number }) => x } },
    { enforcement: 'observe', onDenied: ({ coordinate }) => denials.push(coordinate) },
  );
  expect(await ask(schema, ANONYMOUS, '{ a }')).toEqual({ data: { a: 1 }, denied: [] });
  expect(denials).toEqual(['Query.a(x:)']);
});
