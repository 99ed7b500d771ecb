import { describe, expect, test } from 'vitest';
import { explainAccess, guardSchema, OperationError, readPolicy } from '../../src/access/index.ts';
import { executable, policyOfSdl, problemsOf, viewer } from './support.ts';
import { messageOf, problemsIn } from './thrown.ts';

// What the author of a refused schema reads: where, what is wrong, and what to do about it.

const QUERY = 'type Query @public { a: Int }';

describe('the messages of readPolicy', () => {
  test('about usages', () => {
    const problems = problemsOf(`
      interface I @auth { a: Int }
      type A implements I @public { a: Int }
      interface J @public { b: Int @auth }
      type B implements J @public { b: Int @public }
      type C @auth { c: Int @public }
      type D { d: Int }
      type E @public { e: Int @auth @public }
      type Query @public { a: A b: B c: C d: D e: E }
    `);
    expect(problems).toMatchInlineSnapshot(`
      [
        "A: is @public, but I, which it implements, has an @auth; remove one of them",
        "B.b: is @public, but J.b has an @auth; remove one of them",
        "C.c: is @public in a type that has an @auth; remove @public here, or @auth from C",
        "D.d: is undecided; put @auth or @public on it, or on D",
        "E.e: carries both @public and @auth; remove one of them",
      ]
    `);
  });

  test('about roles, permissions and owners that are not valid', () => {
    const problems = problemsOf(`
      type A @public {
        a: Int @auth(requires: [])
        b: Int @auth(requires: null)
        c: Int @auth(requires: NOBODY)
        d: Int @auth(requires: "ADMIN")
        e: Int @auth(permissions: [["x"]])
        f: Int @auth(permissions: "")
        g: Int @auth(permissions: x)
        h: Int @auth(owner: ["id", "other"])
        i: Int @auth(role: ADMIN)
        j: Int @reads
        k: Int @public(always: true)
      }
      type Query @public { a: A }
    `);
    expect(problems).toMatchInlineSnapshot(`
      [
        "A.a: @auth(requires: []) names nothing; name at least one, or remove it",
        "A.b: @auth(requires:) is null; name at least one, or remove it",
        "A.c: @auth(requires:) names NOBODY, which is not a role; the roles are ADMIN, EDITOR, AUDITOR, USER",
        "A.d: @auth(requires: ADMIN) must be an enum value, without quotes",
        "A.e: @auth(permissions:) is a nested list; name at least one, or remove it",
        "A.f: @auth(permissions:) is an empty text; name at least one, or remove it",
        "A.g: @auth(permissions: x) must be a string",
        "A.h: @auth(owner: "id") does not name a field of A",
        "A.h: @auth(owner: "other") does not name a field of A",
        "A.i: @auth has no argument role; it takes requires, permissions, owner, policy",
        "A.j: @reads names no fields; it needs fields: ["…"]",
        "A.k: @public has no argument always; it takes none",
      ]
    `);
  });

  test('about owners and what is read', () => {
    const problems = problemsOf(`
      interface I @auth(owner: "id") { id: ID }
      type A implements I @auth(owner: "nothing") { id: ID a(b: Int @auth(owner: "id")): Int }
      type B @auth(owner: "name") { name: String b: Int @auth(owner: "of") of(x: Int!): ID c: Int @reads(fields: ["B", "X.y", "B.z"]) }
      type Query @public { a: A b: B @auth(owner: "b") }
    `);
    expect(problems).toMatchInlineSnapshot(`
      [
        "A: @auth(owner: "nothing") does not name a field of A",
        "A.a(b:): @auth(owner: "id") can be judged only on object types and their fields; remove it",
        "B.b: @auth(owner: "of") names a field that cannot be read without arguments",
        "B.c: @reads names B, which is not a field of a type; write "Type.field"",
        "B.c: @reads names B.z, which is not a field of a type; write "Type.field"",
        "B.c: @reads names X.y, which is not a field of a type; write "Type.field"",
        "I: @auth(owner: "id") can be judged only on object types and their fields; remove it",
        "Query.b: @auth(owner: "b") has no meaning on Query, which has no owner; put it on the type that is returned",
      ]
    `);
  });

  test('about roles', () => {
    const roles = `enum Role { A @inherits(roles: ["B"]) B @inherits(roles: ["A", "C"]) D @inherits }`;
    expect(problemsOf(QUERY, roles)).toMatchInlineSnapshot(`
      [
        "Role.A: inherits B, which in turn inherits A; break the cycle",
        "Role.B: @inherits names C, which is not a role; the roles are A, B, D",
        "Role.B: inherits A, which in turn inherits B; break the cycle",
        "Role.D: @inherits names no roles; it needs roles: ["…"]",
      ]
    `);
    expect(problemsOf(QUERY, '')).toMatchInlineSnapshot(`
      [
        "schema: Syntax Error: Unexpected <EOF>. (line 1, column 1)",
      ]
    `);
  });

  test('about directives', () => {
    const problems = problemsOf(`
      directive @Auth on FIELD_DEFINITION
      directive @rights(role: Role) on FIELD_DEFINITION | OBJECT
      directive @other(on: String @auth, name: String) on FIELD_DEFINITION
      scalar S @public
      enum E @auth { A @inherits(roles: ["ADMIN"]) B @auth }
      input I @auth { a: Int @public }
      union U @auth = Query
      type Query @public { a: Int @Auth b: Int @rights(role: ADMIN) c: Int @atuh d: Int @unknown e: Int @other(name: "ADMIN") }
    `);
    expect(problems).toMatchInlineSnapshot(`
      [
        "@Auth: looks like a misspelt @auth; use @auth, or list "Auth" in the option ignoreDirectives",
        "@other(on:): @auth has no effect on an argument of a directive; remove it",
        "@rights: takes a Role, and nothing enforces it; use @auth and remove this directive, or list "rights" in the option ignoreDirectives",
        "E: @auth has no effect on an enum; remove it",
        "E.A: @inherits has no effect outside enum Role; remove it",
        "E.B: @auth has no effect on an enum value; remove it",
        "I: @auth has no effect on an input object; remove it",
        "I.a: @public has no effect on an input field definition; remove it",
        "Query.a: @Auth looks like a misspelt @auth; use @auth, or list "Auth" in the option ignoreDirectives",
        "Query.b: @rights names a role, and nothing enforces it; use @auth",
        "Query.c: @atuh is not declared; use @auth",
        "Query.d: @unknown is not declared; declare or remove it",
        "S: @public has no effect on a scalar; remove it",
        "U: @auth has no effect on a union; remove it",
      ]
    `);
    const declared = `directive @auth(requires: [Role!]! = [USER]) on FIELD_DEFINITION enum Role { USER } ${QUERY}`;
    expect(problemsIn(() => readPolicy(declared))).toMatchInlineSnapshot(`
      [
        "@auth: is declared with (requires: [Role!]! = …) instead of (requires: [Role!], permissions: [String!], owner: [String!], policy: [String!]); put authTypeDefs in its place, or rename ours by the option directives",
        "Query: @public is not declared; add authTypeDefs to the type definitions",
      ]
    `);
    expect(problemsIn(() => readPolicy(`enum Role { USER } type Query { a: Int @auth(requires: USER) @reads }`)))
      .toMatchInlineSnapshot(`
      [
        "Query.a: @auth is not declared; add authTypeDefs to the type definitions",
        "Query.a: @reads is not declared; add authTypeDefs to the type definitions",
        "Query.a: @reads names no fields; it needs fields: ["…"]",
      ]
    `);
  });

  test('about nullability, defaults and mutations', () => {
    const problems = problemsOf(`
      type A @auth(owner: "id") { id: ID! a: Int! @auth(requires: ADMIN) }
      type B @auth(requires: ADMIN) { b: Int }
      type C @public { c: Int }
      union U = B | C
      enum E { X @reads(fields: ["A.a"]) Y }
      input In { x: Int = 1 @auth y: E = X z: [E!] = [Y, X] }
      type Query @public {
        a: A!
        list: [A!]
        u: U!
        d(x: Int = 1 @auth, e: E = X, in: In = { x: 2 }): Int
        e(x: Int @auth(requires: ADMIN)): Int!
      }
      type Mutation @public { write: U }
    `);
    expect(problems).toMatchInlineSnapshot(`
      [
        "A.a: may be denied, so it must be nullable: Int (@semanticNonNull tells clients that it is null only with an error)",
        "In.x: is guarded and has a default, which cannot be distinguished from a supplied value; remove the default",
        "In.y: has a default that uses E.X, which is guarded; remove the default",
        "In.z: has a default that uses E.X, which is guarded; remove the default",
        "Mutation.write: would write before B is denied; give the mutation itself the same requirements",
        "Query.a: may be denied, so it must be nullable: A (@semanticNonNull tells clients that it is null only with an error)",
        "Query.d(e:): has a default that uses E.X, which is guarded; remove the default",
        "Query.d(in:): has a default that uses E.X, which is guarded; remove the default",
        "Query.d(in:): has a default that uses In.x, which is guarded; remove the default",
        "Query.d(x:): is guarded and has a default, which cannot be distinguished from a supplied value; remove the default",
        "Query.e: may be denied, so it must be nullable: Int (@semanticNonNull tells clients that it is null only with an error)",
        "Query.list: returns items that may be denied one by one, so items must be nullable (@semanticNonNull tells clients that it is null only with an error)",
        "Query.u: may be denied, so it must be nullable: U (@semanticNonNull tells clients that it is null only with an error)",
      ]
    `);
  });

  test('about filters', () => {
    const problems = problemsOf(`
      type A @public { name: String secret: String @auth(requires: ADMIN) }
      input Filter { secret: String search: String secretContains: String }
      enum Order { SECRET_ASC NAME }
      type Query @public { a(filter: Filter, orderBy: Order, search: String): [A] }
    `);
    expect(problems).toMatchInlineSnapshot(`
      [
        "Filter.search: searches without saying what, and A.secret is guarded; add @reads(fields: ["Type.field"])",
        "Filter.secret: filters or sorts by A.secret, which is guarded; add @reads(fields: ["A.secret"])",
        "Filter.secretContains: filters or sorts by A.secret, which is guarded; add @reads(fields: ["A.secret"])",
        "Order.SECRET_ASC: filters or sorts by A.secret, which is guarded; add @reads(fields: ["A.secret"])",
        "Query.a(search:): searches without saying what, and A.secret is guarded; add @reads(fields: ["Type.field"])",
      ]
    `);
  });

  test('count the problems, and name the schema where no coordinate has the fault', () => {
    expect(messageOf(() => readPolicy('enum Role { A } type Query { a: Int b: Int }'))).toMatchInlineSnapshot(`
      "PolicyError: The access policy has 2 problems:
        Query.a: is undecided; put @auth or @public on it, or on Query
        Query.b: is undecided; put @auth or @public on it, or on Query"
    `);
    expect(messageOf(() => readPolicy('type Query {'))).toMatchInlineSnapshot(`
      "PolicyError: The access policy has 1 problem:
        schema: Syntax Error: Expected Name, found <EOF>. (line 1, column 13)"
    `);
    expect(problemsIn(() => readPolicy('type Query { a: Nothing b: Nothing2 }'))).toMatchInlineSnapshot(`
      [
        "schema: Unknown type "Nothing". Did you mean "String"?",
        "schema: Unknown type "Nothing2". Did you mean "String"?",
      ]
    `);
    expect(problemsIn(() => readPolicy('type Query { a: Int }', { roleEnum: 'Rank' }))).toMatchInlineSnapshot(`
      [
        "Query.a: is undecided; put @auth or @public on it, or on Query",
        "Rank: is not an enum of the schema; declare "enum Rank", or name yours in the option roleEnum",
      ]
    `);
  });
});

describe('the messages of guardSchema', () => {
  test('about another policy, and a schema that is guarded', () => {
    const policy = policyOfSdl(QUERY);
    const options = { viewer: () => viewer() };
    const other = executable('type Query @public { a: Int b: Int }');
    expect(messageOf(() => guardSchema(other, { ...options, policy }))).toMatchInlineSnapshot(`
      "PolicyError: The access policy has 1 problem:
        schema: is not the one that the policy was read from"
    `);
    const schema = guardSchema(executable(QUERY), options);
    expect(messageOf(() => guardSchema(schema, options))).toMatchInlineSnapshot(
      `"TypeError: The schema is guarded already: call guardSchema once, after everything else that transforms the schema"`,
    );
  });
});

describe('the messages of explainAccess', () => {
  const policy = policyOfSdl(QUERY);
  const explain =
    (operation: string, operationName: string | null = null) =>
    () =>
      explainAccess(policy, { viewer: viewer(), operation, operationName });

  test('are those of graphql-js, or say which operations there are', () => {
    expect(messageOf(explain('{ b c }'))).toMatchInlineSnapshot(`
      "OperationError: Cannot query field "b" on type "Query". Did you mean "a"?

      GraphQL request:1:3
      1 | { b c }
        |   ^

      Cannot query field "c" on type "Query". Did you mean "a"?

      GraphQL request:1:5
      1 | { b c }
        |     ^"
    `);
    expect(messageOf(explain('{'))).toMatchInlineSnapshot(`
      "OperationError: Syntax Error: Expected Name, found <EOF>.

      GraphQL request:1:2
      1 | {
        |  ^"
    `);
    expect(messageOf(explain('query A { a } query B { a }'))).toMatchInlineSnapshot(
      `"OperationError: Name the operation to explain; the document holds A, B."`,
    );
    expect(messageOf(explain('query A { a } query B { a }', 'C'))).toMatchInlineSnapshot(
      `"OperationError: No operation is named "C"; the document holds A, B."`,
    );
    expect(messageOf(explain('{ a }', 'C'))).toMatchInlineSnapshot(
      `"OperationError: No operation is named "C"; the operation of the document has no name."`,
    );
    expect(messageOf(explain('fragment F on Query { a }'))).toMatchInlineSnapshot(`
      "OperationError: Fragment "F" is never used.

      GraphQL request:1:1
      1 | fragment F on Query { a }
        | ^"
    `);
    expect(explain('{ b }')).toThrow(OperationError);
  });
});
