import { type AccessViewer, explainAccess, type ExplainOptions } from '../../src/access/index.ts';
import { policyOfSdl } from './support.ts';

/** Types with each kind of requirement. */
export const SDL = `
  interface Thing @public { id: ID }
  type Note implements Thing @auth(requires: EDITOR, owner: "by") { id: ID by: ID text: String @auth(requires: ADMIN) }
  type Page implements Thing @public { id: ID note: Note secret: Int @auth(requires: EDITOR) @auth(permissions: "x:y") }
  enum Order { ID TEXT @reads(fields: ["Note.text"]) }
  input Filter { text: String @reads(fields: ["Note.text"]) id: ID and: [Filter!] order: Order }
  type Query @public {
    thing: Thing
    note: Note
    page: Page
    find(filter: Filter, orderBy: [Order!], admin: Int @auth(requires: ADMIN)): String
    me: Int @auth
    either: Int @auth(requires: [EDITOR, AUDITOR], permissions: "x:y")
    nobody: Int @reads(fields: ["Owned.id"])
    three: Int @auth(requires: [EDITOR, AUDITOR]) @auth(permissions: "x:y") @auth(permissions: ["z", "zz"])
    twins: Int @auth(requires: EDITOR) @auth(permissions: "EDITOR")
    things: ThingConnection
    named(thing: ID): Thing
  }
  type ThingConnection { edges: [ThingEdge] nodes: [Thing] }
  type ThingEdge { node: Thing }
  type Owned @auth(owner: "id") { id: ID }
  type Mutation @public { write: Int @auth(requires: EDITOR) }
`;
/** The policy of {@link SDL}. */
export const policy = policyOfSdl(SDL);

/** The viewer, and the other options. */
export interface Rest extends Partial<Omit<ExplainOptions, 'viewer'>>, Partial<Omit<AccessViewer, 'id'>> {
  readonly signedIn?: boolean;
}

/** Explains an operation for a viewer who is signed in, unless told otherwise. */
export function explained(operation: string, { roles = [], permissions = [], signedIn = true, ...rest }: Rest = {}) {
  return explainAccess(policy, { viewer: { id: signedIn ? 'me' : null, roles, permissions }, operation, ...rest });
}

/** The verdict of each coordinate, as a line. */
export function explain(operation: string, rest: Rest = {}): string[] {
  const { coordinates } = explained(operation, rest);
  return coordinates.map(
    ({ coordinate, returning, verdict }) => `${coordinate}${returning ? ` a ${returning}` : ''}: ${verdict}`,
  );
}
