import { makeExecutableSchema } from '@graphql-tools/schema';
import { authTypeDefs, guardSchema } from 'rolegate/access';
import { type Context, notes, viewer } from '../recipes/data.ts';

const typeDefs = `
  enum Role { ADMIN }
  type Note @auth(requires: ADMIN, owner: "by") { by: ID text: String next: Note }
  type NoteConnection @public { nodes: [Note] totalCount: Int }
  type Query @public { list: [Note] streamed: [Note] connection: NoteConnection slow: Note }
  type Subscription @public { batches: [Note] }
`;

async function* stream() {
  yield* notes;
}

const Note = { next: ({ by }: { by: string }) => notes.find((note) => note.by !== by) };

export const schema = guardSchema<Context>(
  makeExecutableSchema({
    typeDefs: [authTypeDefs, typeDefs],
    resolvers: {
      Note,
      Query: {
        list: () => notes,
        streamed: () => stream(),
        connection: () => ({ nodes: stream(), totalCount: notes.length }),
        slow: () => notes[0],
      },
      Subscription: {
        batches: {
          subscribe: async function* () {
            yield stream();
          },
          resolve: (batch: unknown) => batch,
        },
      },
    },
  }),
  { viewer },
);
