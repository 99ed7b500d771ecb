import type { DomainNames } from './names.ts';

/** The contract of a domain: a list, one of it, and a way to add to it. */
export function schemaOf({ one, many, type }: DomainNames): string {
  return `"TODO: say what a ${one} is, and who may know of it."
type ${type} @auth(requires: STANDARD) {
  id: ID!
  name: String!
  createdAt: DateTime!
  version: Int!
}

type ${type}Connection {
  edges: [${type}Edge!]
  nodes: [${type}]
  pageInfo: PageInfo!
  totalCount: Int
}

type ${type}Edge {
  cursor: String!
  node: ${type}
}

enum ${type}OrderField {
  NAME @reads(fields: ["${type}.name"])
  CREATED_AT @reads(fields: ["${type}.createdAt"])
}

input ${type}Order {
  field: ${type}OrderField!
  direction: OrderDirection! = ASC
}

input ${type}Filter {
  "Part of the name, in any case."
  search: String @reads(fields: ["${type}.name"])
}

input Create${type}Input {
  name: String!
}

extend type Query {
  "The ${many} that there are."
  ${many}(
    first: Int
    after: String
    last: Int
    before: String
    filter: ${type}Filter
    orderBy: ${type}Order
  ): ${type}Connection @auth(requires: STANDARD)

  "One ${one}."
  ${one}(id: ID!): ${type} @auth(requires: STANDARD)
}

extend type Mutation {
  "Adds a ${one}."
  create${type}(input: Create${type}Input!): ${type} @auth(requires: MANAGER)
}
`;
}

/** The table of a domain, as the server knows it. */
export function entityOf({ one, many, type }: DomainNames): string {
  return `import { defineEntity, p, type InferEntity } from '@mikro-orm/core';
import { scopes, SYSTEM_ROLE } from '../scopes.ts';

/** TODO: say what a ${one} is. */
export const ${type}Entity = defineEntity({
  name: '${type}',
  tableName: '${many}',
  properties: {
    id: p.uuid().primary(),
    name: p.text().collation('und-x-icu'),
    createdAt: p.datetime(3),
    version: p.integer().version().default(1),
  },
  indexes: [
    { name: '${many}_name_id', properties: ['name', 'id'] },
    { name: '${many}_created_at_id', properties: ['createdAt', 'id'] },
  ],
  rowLevelSecurity: 'force',
  policies: [{ name: '${many}_signed_in', roles: [...scopes.signedIn, SYSTEM_ROLE], using: 'true' }],
});

export type ${type} = InferEntity<typeof ${type}Entity>;
`;
}

/** The migration that makes the table, the wall around its rows, and the rights to them. */
export function migrationOf({ many, types }: DomainNames): string {
  return `import { Migration } from '@mikro-orm/migrations';
import { type DatabaseRole, scopes, SYSTEM_ROLE } from '../scopes.ts';
import { grant } from './sql.ts';

const readers: readonly DatabaseRole[] = [...scopes.signedIn, SYSTEM_ROLE];

/** TODO: say what the table is for. */
export class ${types} extends Migration {
  override up(): void {
    this.addSql(\`create table ${many} (
      id uuid not null, name text collate "und-x-icu" not null, created_at timestamptz(3) not null,
      version int not null default 1, primary key (id))\`);
    this.addSql('create index ${many}_name_id on ${many} (name, id)');
    this.addSql('create index ${many}_created_at_id on ${many} (created_at, id)');
    this.addSql('alter table ${many} enable row level security');
    this.addSql('alter table ${many} force row level security');
    this.addSql(\`create policy ${many}_signed_in on ${many} to \${readers.join(', ')} using (true)\`);
    this.addSql(grant('select, insert', '${many}', readers));
  }
}
`;
}

/** What can be done with the things of a domain. */
export function serviceOf({ one, many, type, types }: DomainNames): string {
  return `import { v4 as randomUuid, validate as isUuid } from 'uuid';
import type { RequestContext } from '../context.ts';
import { type ${type}, ${type}Entity } from '../database/entities/index.ts';
import { BadUserInput, NotFound } from '../errors.ts';
import { contains } from '../paging/condition.ts';
import type { Connection } from '../paging/connection.ts';
import { fetchConnection, type ListDefinition, type Order } from '../paging/list.ts';
import { pageRequest, type PageArguments } from '../paging/page-request.ts';

export type ${type}Connection = Connection<${type}>;
export type ${type}OrderField = 'NAME' | 'CREATED_AT';

const list: ListDefinition<${type}, ${type}OrderField> = {
  name: '${many}',
  entity: ${type}Entity,
  orders: { NAME: 'name', CREATED_AT: 'createdAt' },
  key: 'id',
};

export interface ${type}ListInput extends PageArguments {
  readonly filter?: { readonly search?: string | null } | null;
  readonly orderBy?: Order<${type}OrderField> | null;
}

export interface Create${type}Input {
  readonly name: string;
}

/** The ${many} that exist for the viewer. */
export function list${types}(context: RequestContext, input: ${type}ListInput): Promise<${type}Connection> {
  const { unit, cursors } = context;
  const search = input.filter?.search;
  return fetchConnection((work) => unit.read(work), cursors, {
    list,
    order: input.orderBy ?? { field: 'NAME', direction: 'ASC' },
    page: pageRequest(input),
    conditions: search ? [contains(['name'], search)] : [],
  });
}

/** @throws {NotFound} when there is none, or none that the viewer may know of */
export async function require${type}({ unit }: RequestContext, id: string): Promise<${type}> {
  const ${one} = isUuid(id) ? await unit.read((em) => em.findOne(${type}Entity, { id })) : null;
  if (${one} === null) {
    throw new NotFound('There is no such ${one}');
  }
  return ${one};
}

/** Adds a ${one}. @throws {BadUserInput} when it has no good name */
export function create${type}(context: RequestContext, input: Create${type}Input): Promise<${type}> {
  const row = {
    id: randomUuid(),
    name: requireName(input.name),
    createdAt: context.auth.now(),
    version: 1,
  };
  return context.unit.write(async (em) => {
    const ${one} = em.create(${type}Entity, row);
    await em.flush();
    return ${one};
  });
}

function requireName(text: string): string {
  const name = text.normalize('NFC').trim();
  if (name === '' || name.length > 200 || !name.isWellFormed() || /\\p{Cc}/u.test(name)) {
    throw new BadUserInput('A name is 1 to 200 characters, without control characters', { field: 'input.name' });
  }
  return name;
}
`;
}

/** Takes the arguments apart, calls the service, returns. */
export function resolversOf({ one, many, type, types }: DomainNames): string {
  return `import type { Resolvers } from '../generated/resolvers.ts';
import { create${type}, list${types}, require${type} } from './service.ts';

export const ${one}Resolvers: Resolvers = {
  Query: {
    ${many}: (_parent, input, context) => list${types}(context, input),
    ${one}: (_parent, { id }, context) => require${type}(context, id),
  },
  Mutation: {
    create${type}: (_parent, { input }, context) => create${type}(context, input),
  },
};
`;
}

/** Who may do what: a row a role. */
export function testOf({ one, many, type }: DomainNames): string {
  return `import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

/** The code of the answer's error; data without one. */
async function outcome(who: string, source: string): Promise<unknown> {
  const { body } = await app.as(who).request(source);
  return body.errors?.[0]?.extensions?.['code'] ?? 'data';
}

describe('${many}', () => {
  it.each([
    ['ANONYMOUS', 'UNAUTHENTICATED', 'UNAUTHENTICATED'],
    ['GUEST', 'FORBIDDEN', 'FORBIDDEN'],
    ['STANDARD', 'data', 'FORBIDDEN'],
    ['MANAGER', 'data', 'data'],
  ])('%s: reading is answered with %s, adding with %s', async (who, read, add) => {
    expect(await outcome(who, '{ ${many} { totalCount nodes { id name } } }')).toBe(read);
    expect(await outcome(who, 'mutation { create${type}(input: { name: "A ${one}" }) { id } }')).toBe(add);
  });
});
`;
}
