import { makeExecutableSchema } from '@graphql-tools/schema';
import { authTypeDefs, guardSchema, type PolicyInput } from 'rolegate/access';
import { type Context, notes, viewer } from '../recipes/data.ts';

const typeDefs = `
  enum Role { ADMIN }
  type Note @auth(requires: ADMIN, owner: "by") { by: ID text: String next: Note }
  type NoteEdge @public { node: Note }
  type NoteConnection @public { nodes: [Note] edges: [NoteEdge] totalCount: Int }
  type Open @public { text: String }
  union Thing = Open | Note
  interface Written @public { text: String }
  type Letter implements Written @auth(policy: "own") { by: ID text: String }
  type Query @public {
    list: [Note] streamed: [Note] nested: [[Note]] promised: [Note] connection: NoteConnection slow: Note
    things: [Thing] letters: [Written]
  }
  type Subscription @public { batches: [Note] notes: Note things: Thing }
`;

async function* stream() {
  yield* notes;
}

async function* edges() {
  for (const node of notes) {
    yield { node };
  }
}

async function* typed(__typename: string) {
  for (const note of notes) {
    yield { ...note, __typename };
  }
}

const own = ({ object, viewer: { id, roles } }: PolicyInput): boolean =>
  [...roles].includes('ADMIN') || (object as (typeof notes)[number]).by === id;

const Note = { next: ({ by }: { by: string }) => notes.find((note) => note.by !== by) };

export const schema = guardSchema<Context>(
  makeExecutableSchema({
    typeDefs: [authTypeDefs, typeDefs],
    resolvers: {
      Note,
      Query: {
        list: () => notes,
        streamed: () => stream(),
        nested: () => [stream(), notes],
        promised: () => Promise.resolve(stream()),
        connection: () => ({ nodes: stream(), edges: edges(), totalCount: notes.length }),
        things: () => typed('Note'),
        letters: () => typed('Letter'),
        slow: () => notes[0],
      },
      Subscription: {
        batches: {
          subscribe: async function* () {
            yield stream();
          },
          resolve: (batch: unknown) => batch,
        },
        notes: { subscribe: () => stream(), resolve: (note: unknown) => note },
        things: { subscribe: () => typed('Note'), resolve: (thing: unknown) => thing },
      },
    },
  }),
  { viewer, policies: { own } },
);
