import { getNamedType, type GraphQLField, isCompositeType, isObjectType, isRequiredArgument } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildSchema } from '../../src/schema.ts';
import { type Actor, createTestApp, type TestApp } from '../support/app.ts';

let app: TestApp;
let admin: Actor;
beforeAll(async () => {
  app = await createTestApp();
  admin = app.as('SUPER_ADMIN');
});
afterAll(() => app.close());

type Row = Readonly<Record<string, unknown>>;

const schema = buildSchema();

function fieldsOf(typeName: string): GraphQLField<unknown, unknown>[] {
  const type = schema.getType(typeName);
  return isObjectType(type) ? Object.values(type.getFields()).filter(({ args }) => !args.some(isRequiredArgument)) : [];
}

/** A field as it is asked for: with the leaves of what it returns, or of the nodes of that. */
function selected({ name, type }: GraphQLField<unknown, unknown>): string {
  const output = getNamedType(type);
  if (!isCompositeType(output)) {
    return name;
  }
  const leaves = (typeName: string): string =>
    fieldsOf(typeName)
      .filter((field) => !isCompositeType(getNamedType(field.type)))
      .map((field) => field.name)
      .join(' ');
  const nodes = fieldsOf(output.name).find((field) => field.name === 'nodes');
  const node = nodes && getNamedType(nodes.type).name;
  return node === undefined ? `${name} { ${leaves(output.name)} }` : `${name} { nodes { ${leaves(node)} } }`;
}

/** Every list of the root, with the type of its rows. */
const lists = fieldsOf('Query').flatMap((field) => {
  const nodes = fieldsOf(getNamedType(field.type).name).find(({ name }) => name === 'nodes');
  return nodes === undefined ? [] : [{ list: field.name, row: getNamedType(nodes.type).name }];
});

async function ask(query: string): Promise<unknown> {
  const { body } = await admin.request(query);
  expect(body.errors, query).toBeUndefined();
  return Object.values(body.data ?? {})[0];
}

async function rowsOf(list: string, fields: string, from: 'nodes' | 'edges' = 'nodes'): Promise<readonly Row[]> {
  const selection = from === 'nodes' ? `nodes { ${fields} }` : `edges { node { ${fields} } }`;
  const page = (await ask(`{ ${list}(first: 20) { ${selection} } }`)) as Record<string, { node: Row }[] & Row[]>;
  return from === 'nodes' ? (page['nodes'] ?? []) : (page['edges'] ?? []).map(({ node }) => node);
}

describe('rows that have only the selected columns', () => {
  it('every list is tried', () => {
    expect(lists.map(({ list }) => list).sort()).toEqual(
      ['accounts', 'apiKeys', 'auditEvents', 'documents', 'inventoryItems', 'roles', 'sessions', 'users'].sort(),
    );
  });

  describe.each(lists)('$list', ({ list, row }) => {
    it('each field alone has the value that it has among all fields', async () => {
      if (list === 'apiKeys') {
        await ask('mutation { createApiKey(input: { name: "one" }) { key } }');
      }
      const fields = fieldsOf(row);
      // Who asks is an event, too: of these there are more each time.
      const whole = await rowsOf(list, fields.map(selected).join(' '));
      expect(whole.length, list).toBeGreaterThan(0);
      for (const field of fields) {
        for (const from of ['nodes', 'edges'] as const) {
          const alone = await rowsOf(list, selected(field), from);
          expect(alone, field.name).toEqual(whole.map((known) => ({ [field.name]: known[field.name] })));
        }
      }
    });
  });
});

/** The columns that a statement's page is made of, by the properties that they become. */
function columnsIn(statement: string | undefined): string[] {
  const [, list = ''] = /select ([^(]*?) from (?:\(select \* from )?\w+/.exec(statement ?? '') ?? [];
  return [...list.matchAll(/ as "(\w+)"/g)].map(([, name = '']) => name).sort();
}

/** The statements that a query takes, once it is known who asks. */
async function statementsOf(query: string): Promise<string[]> {
  await ask('{ me { id } }');
  app.statements.length = 0;
  await ask(query);
  return [...app.statements];
}

describe('columns', () => {
  it.each([
    ['{ accounts { nodes { status } } }', ['id', 'name', 'status']],
    ['{ accounts { edges { cursor node { iban } } } }', ['iban', 'id', 'name']],
    ['{ accounts(orderBy: { field: CREATED_AT }) { pageInfo { endCursor } } }', ['createdAt', 'id']],
    ['{ accounts(filter: { search: "alder" }) { nodes { version } } }', ['id', 'name', 'version']],
    ['{ accounts(filter: { search: "a" }) { nodes { version } } }', ['id', 'name', 'version']],
    ['{ users { nodes { roles } } }', ['id', 'username']],
    ['{ users { nodes { account { name } } } }', ['account', 'id', 'username']],
    ['{ documents { nodes { author { id } } } }', ['author', 'createdAt', 'id']],
    ['{ inventoryItems { nodes { data } } }', ['data', 'name', 'nameKey']],
    ['{ auditEvents { nodes { target } } }', ['at', 'id', 'targetId']],
  ])('the columns of a list are the selected ones, and those of its cursors: %s', async (query, columns) => {
    const [statement] = await statementsOf(query);
    expect(columnsIn(statement)).toEqual(columns);
  });

  it('the columns of a list within a list are selected as well', async () => {
    const statements = await statementsOf('{ accounts(first: 3) { nodes { users(first: 2) { nodes { email } } } } }');
    expect(statements).toHaveLength(2);
    expect(statements[1]).toContain('select id as "id", username as "username", email as "email" from users');
  });

  it('two lists within a list that select the same are read once, whatever the aliases', async () => {
    const statements = await statementsOf(`{ accounts(first: 3) { nodes {
      one: users(first: 2) { nodes { id email } } other: users(first: 2) { edges { node { mail: email id } } }
    } } }`);
    expect(statements).toHaveLength(2);
  });

  it('no rows are read where only the total is selected', async () => {
    expect(await statementsOf('{ accounts { totalCount } }')).toEqual([expect.stringContaining('count(*)')]);
    const nested = await statementsOf('{ accounts(first: 3) { nodes { users { totalCount } } } }');
    expect(nested).toEqual([expect.stringContaining('from accounts'), expect.stringContaining('count(*)')]);
  });

  it('a cursor that is not valid is refused also where only the total is selected', async () => {
    const { body } = await admin.request('{ accounts(after: "nothing") { totalCount } }');
    expect(body.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' }, path: ['accounts'] }]);
  });
});
