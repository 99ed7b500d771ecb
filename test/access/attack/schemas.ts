import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from 'graphql';
import { authTypeDefs, authTypeDefsFor } from '../../../src/access/index.ts';
import { ROLES } from '../support.ts';

/** Whatever a guard may forget, in one schema. */
const EVERYTHING = `
  scalar Money
  interface Node @public { id: ID! }
  interface Named implements Node @public { id: ID! name: String }
  interface Sealed @auth(requires: AUDITOR) { seal: String note: String }
  interface Priced @public { price: Money @auth(requires: EDITOR) }
  type Plain implements Node & Named @public {
    id: ID!
    name: String
    hidden: String @auth(requires: ADMIN)
    twice: String @auth(requires: EDITOR) @auth(requires: AUDITOR)
    either: String @auth(requires: [EDITOR, AUDITOR])
    permitted: String @auth(requires: ADMIN, permissions: ["read:plain", "read:all"])
    signedIn: String @auth
    computed: String @reads(fields: ["Plain.hidden"])
    constructor: String @auth(requires: USER)
    secret: Secret
    secrets: [[Secret]]
    self: Plain
    with(argument: String @auth(requires: EDITOR), free: Int = 3): String
    ordered(orderBy: Order!, then: [Order!]): [Plain]
    filtered(filter: Filter): [Plain]
  }
  type Secret implements Node & Named @auth(requires: EDITOR) {
    id: ID!
    name: String
    deeper: String @auth(requires: ADMIN)
    plain: Plain
  }
  type Letter implements Sealed { seal: String note: String @auth(requires: EDITOR) }
  type Ware implements Priced & Node @public { id: ID! price: Money }
  union Any = Plain | Secret | Letter
  union Closed = Secret | Letter
  enum Order {
    NAME
    HIDDEN @reads(fields: ["Plain.hidden"])
    SECRET @reads(fields: ["Secret.name"])
  }
  input Filter {
    search: String @reads(fields: ["Plain.hidden"])
    name: String
    hidden: String @reads(fields: ["Plain.hidden"])
    and: [Filter!]
    not: Filter
    by: [Order!]
    deep: [[Deep!]!]
  }
  input Deep { level: Int @auth(requires: EDITOR) harmless: Int! orders: [Order] }
  input Change { name: String! price: Money @auth(permissions: "set:price") inner: Deep! }
  type PlainConnection { edges: [PlainEdge] nodes: [Plain] pageInfo: PageInfo! totalCount: Int }
  type PlainEdge { cursor: String! node: Plain }
  type SecretConnection { edges: [SecretEdge] nodes: [Secret] pageInfo: PageInfo totalCount: Int }
  type SecretEdge { cursor: String! node: Secret }
  type AnyConnection { edges: [AnyEdge] nodes: [Any] totalCount: Int }
  type AnyEdge { cursor: String! node: Any }
  type PageInfo @public { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
  type Payload @public { secret: Secret any: Any count: Int }
  type Query @public {
    plain(id: ID!): Plain
    plains(filter: Filter, first: Int): PlainConnection
    secrets: SecretConnection
    anything: AnyConnection
    node(id: ID!): Node
    named: Named
    sealed: Sealed
    priced: Priced
    any: Any
    anyList: [Any]
    closed: Closed
    letters: [Letter!]
  }
  type Mutation @auth(requires: USER) {
    change(input: Change!): Payload
    bulk(inputs: [Change!]!): Payload
    open: Plain
    erase: Boolean @auth(permissions: "erase")
  }
  type Subscription {
    changed(of: ID): Plain @public
    secret: Secret @public
    audited: String @auth(requires: AUDITOR)
    byOrder(orderBy: Order): String @public
  }
`;

/** Everything that a viewer may own. */
const OWNED = `
  type Person @auth(requires: ADMIN, owner: "id") {
    id: ID!
    email: String
    salary: Int @auth(requires: EDITOR, owner: "id")
    files: [File]
    boss: Person
  }
  type File @public {
    id: ID
    author: Person
    title: String
    body: String @auth(permissions: "read:body", owner: "author")
    draft: Draft
  }
  type Draft @auth(owner: "by") { by: ID text: String reviewer: Person @auth(requires: AUDITOR) }
  union Thing = Person | File | Draft
  interface Mine @public { id: ID }
  type Diary implements Mine @auth(owner: "id") { id: ID page: String }
  type Shared implements Mine @public { id: ID page: String }
  type PersonConnection { edges: [PersonEdge] nodes: [Person] totalCount: Int pageInfo: PageInfo }
  type PersonEdge { cursor: String node: Person }
  type PageInfo @public { hasNextPage: Boolean hasPreviousPage: Boolean startCursor: String endCursor: String }
  type Query @public {
    me: Person @auth
    person(id: ID!): Person @auth(requires: USER)
    people: PersonConnection
    crowd: [[Person]]
    file: File
    draft: Draft
    thing: Thing
    things: [Thing]
    mine: Mine
    mines: [Mine]
  }
  type Mutation { edit(id: ID!): File @public rename: Person @auth }
  type Subscription { file: File @public person: Person @auth }
`;

/** Inputs of every shape. */
const INPUTS = `
  enum Level { LOW HIGH @reads(fields: ["Item.secret"]) }
  input Choice @oneOf { free: String guarded: String @auth(requires: EDITOR) nested: Nested level: Level }
  input Nested { more: [Nested!] level: Level! = LOW guarded: [Int!] @auth(requires: EDITOR, permissions: "nest") required: Int! }
  input Needed { key: String! @auth(requires: USER) rest: String }
  type Item @public { id: ID! secret: String @auth(requires: ADMIN) }
  type Query @public {
    choose(choice: Choice!): Item
    maybe(choice: Choice, choices: [Choice!]): Item
    nest(nested: [Nested]): Item
    needed(needed: Needed!): Item
    level(level: Level!): Item
    levels(levels: [[Level!]!]!): Item
    guarded(one: Int @auth(requires: EDITOR), two: [Int] @auth(permissions: "two"), three: Int! @auth): Item
    preset(limit: Int = 10, nested: Nested = { required: 1 }): Item
  }
`;

/** Roles and fields whose names objects have by themselves, and an enum of roles of another name. */
const NAMES = `
  enum Rank { toString @inherits(roles: ["constructor"]) constructor hasOwnProperty valueOf }
  type Query @public {
    toString: String @auth(requires: toString)
    constructor: String @auth(requires: constructor)
    hasOwnProperty: valueOf @auth(requires: [hasOwnProperty, valueOf])
    then: valueOf
  }
  type valueOf @auth(requires: [valueOf, constructor]) { valueOf: String constructor(then: String @auth(permissions: "__proto__")): String }
  type Mutation { constructor: valueOf @auth }
`;

/** Types that are only extended, and interfaces that are guarded at every level. */
const EXTENDED = `
  interface Top @auth(requires: USER) { id: ID }
  interface Middle implements Top @auth(permissions: "middle") { id: ID mid: String @auth(requires: EDITOR) }
  type Bottom implements Middle & Top { id: ID mid: String }
  extend type Bottom { low: String @auth(requires: ADMIN) top: Top middle: [Middle] }
  type Other implements Top @auth(requires: AUDITOR) { id: ID other: String }
  extend type Query { top: Top @public middle: Middle @public }
  extend type Query { bottom: Bottom @public tops: [Top] @public }
  type Query
`;

export interface NastySchema {
  readonly name: string;
  readonly roleEnum: string;
  readonly schema: GraphQLSchema;
}

const make = (name: string, typeDefs: string[], roleEnum = 'Role'): NastySchema => {
  return { name, roleEnum, schema: makeExecutableSchema({ typeDefs }) };
};

export const everything = make('everything', [authTypeDefs, ROLES, EVERYTHING]);
export const owned = make('owners', [authTypeDefs, ROLES, OWNED]);
export const inputs = make('inputs', [authTypeDefs, ROLES, INPUTS]);

/** Schemas that were made to be difficult. */
export const nastySchemas: readonly NastySchema[] = [
  everything,
  owned,
  inputs,
  make('names', [authTypeDefsFor('Rank'), NAMES], 'Rank'),
  make('extensions and interfaces', [authTypeDefs, ROLES, EXTENDED]),
];
