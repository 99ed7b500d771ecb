import { makeExecutableSchema } from '@graphql-tools/schema';
import { execute, type GraphQLSchema, parse } from 'graphql';
import { type AccessViewer, authTypeDefs, guardSchema } from '../../src/access/index.ts';
import { spent } from './cpu.ts';
import { fixed, median } from './statistics.ts';

export const DENIED_ROWS = 10_000;

const DENIED = `enum Role { USER ADMIN }
  type Row @public { id: ID name: String by: ID
    secret: String @auth(requires: ADMIN) own: String @auth(requires: ADMIN, owner: "by") }
  type Note @auth(requires: ADMIN, owner: "by") { id: ID name: String by: ID }
  type Open @public { id: ID }
  type Closed @auth(requires: ADMIN) { id: ID name: String }
  union Thing = Open | Closed
  union Part = Open | Note
  type Query @public { rows: [Row] notes: [Note] things: [Thing] parts: [Part] }`;

/** Operations whose every row holds one denied value. */
const DENIED_OPERATIONS = [
  ['a field alone', '{ rows { secret } }'],
  ['a field beside two others', '{ rows { id name secret } }'],
  ['an owner field alone', '{ rows { own } }'],
  ['objects of others', '{ notes { id name } }'],
  ['members of a union', '{ things { ... on Closed { id name } } }'],
  ['members of a union, of others', '{ parts { ... on Note { id name } } }'],
] as const;

/** Compares executions in which one value of each row is denied with those of the plain schema, where none is. */
export async function compareDenied(): Promise<string[]> {
  const rows = Array.from({ length: DENIED_ROWS }, (_, row) => {
    return { id: String(row), name: `name ${row}`, by: 'another', secret: 'secret', own: 'own' };
  });
  const typed = (__typename: string) => rows.map((row) => ({ ...row, __typename }));
  const lists = { rows, notes: rows, things: typed('Closed'), parts: typed('Note') };
  const Query = Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, () => list]));
  const schema = makeExecutableSchema({ typeDefs: [authTypeDefs, DENIED], resolvers: { Query } });
  const schemas = [schema, guardSchema(schema, { viewer: (context: AccessViewer) => context })] as const;
  const user = { id: 'me', roles: ['USER'], permissions: [] };
  const lines: string[] = [];
  for (const [name, operation] of DENIED_OPERATIONS) {
    const parsed = parse(operation);
    const timed = async (one: GraphQLSchema): Promise<number> => {
      const start = spent();
      for (let count = 0; count < 5; count += 1) {
        const { errors = [] } = await execute({ schema: one, document: parsed, contextValue: { ...user } });
        if (errors.length !== (one === schema ? 0 : DENIED_ROWS)) {
          throw new Error(`${errors.length} errors`);
        }
      }
      return (spent() - start) / 5;
    };
    const rounds: { plain: number; denied: number }[] = [];
    for (let round = 0; round < 14; round += 1) {
      rounds.push({ plain: await timed(schemas[0]), denied: await timed(schemas[1]) });
    }
    const warm = rounds.slice(3);
    const ratio = median(warm.map(({ plain, denied }) => denied / plain));
    const [plain, denied] = [median(warm.map((round) => round.plain)), median(warm.map((round) => round.denied))];
    lines.push(`| ${name} | ${fixed(plain, 1)} | ${fixed(denied, 1)} | ${fixed(ratio)} |`);
  }
  return lines;
}
