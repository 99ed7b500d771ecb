import { makeExecutableSchema } from '@graphql-tools/schema';
import {
  getNullableType,
  GraphQLEnumType,
  type GraphQLField,
  GraphQLInterfaceType,
  GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  GraphQLScalarType,
  type GraphQLSchema,
  isAbstractType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { authTypeDefs, guardSchema } from '../../../src/access/index.ts';
import type { Behaviour } from './odd-behaviour.ts';

const typeDefs = /* GraphQL */ `
  enum Role {
    ADMIN
    USER
  }
  enum Color {
    RED
    GREEN
  }
  scalar Odd
  input Range {
    from: Int = 1
    to: Int
    color: Color = RED
    within: Range
    secret: Int @auth(requires: ADMIN)
  }
  interface Named @public {
    name: String
    next: Named
    things(first: Int = 2): [Thing!]
  }
  interface Strict @public {
    name: String
    must: Int!
  }
  type Thing implements Named & Strict @public {
    id: ID!
    name: String
    must: Int!
    count: Int
    odd: Odd
    mustOdd: Odd!
    color: Color
    method(by: Int = 2, range: Range): Int
    mustMethod: String!
    getter: String
    numbers: [Int]
    mustNumbers: [Int!]!
    grid: [[Int!]]
    mustGrid: [[Int!]!]!
    next: Named
    mustNext: Thing!
    things(first: Int = 2): [Thing!]
    mustThings: [Thing!]!
    some: [Thing]
    any: Any
    anys: [Any!]
    strict: Strict
    echo(range: Range, color: Color = GREEN, ids: [ID!], odd: Odd): String
    needs(range: Range!): String
    closed: String @auth(requires: ADMIN)
    own: String @auth(requires: ADMIN, owner: "id")
    closedThing: Thing @auth(requires: USER)
    profile: Profile
  }
  type Other implements Named @public {
    name: String
    next: Named
    things(first: Int = 2): [Thing!]
    value: Float
    thing: Thing
    mustThing: Thing!
    checked: Checked
    checks: [[Checked!]]
  }
  type Checked implements Strict @public {
    name: String
    must: Int!
    odd: Odd
    thing: Thing
  }
  type Profile @auth(requires: ADMIN, owner: "id") {
    id: ID!
    name: String
    things: [Thing]
  }
  union Any = Thing | Other | Checked
  type Query @public {
    thing(id: ID): Thing
    mustThing: Thing!
    things(first: Int! = 3): [Thing!]
    some: [Thing]
    mustThings: [Thing!]!
    other: Other
    named: Named
    any: Any
    strict: [Strict]
    checked: Checked
    checks: [[Checked!]]
    profile: Profile
    numbers: [[Int]!]
    leaf: Odd
    mustLeaf: Int!
  }
  type Mutation @public {
    thing(id: ID): Thing
    mustThing: Thing!
    things(first: Int! = 3): [Thing!]
    other: Other
    any: Any
    profile: Profile
    mustLeaf: Int!
    closed: String @auth(requires: ADMIN)
  }
  type Subscription @public {
    thing(id: ID): Thing
    mustThing: Thing!
  }
`;

/** The schema of an execution's oddities; what it does is up to the {@link Behaviour} that is its context. */
export interface OddContext {
  readonly behaviour: Behaviour;
  readonly log: string[];
  readonly roles: readonly string[];
  readonly id: string | null;
}

/** Fields that have a resolver; others are properties, getters or methods of their parents. */
const RESOLVED = new Set([
  'things',
  'next',
  'echo',
  'needs',
  'closed',
  'own',
  'some',
  'any',
  'mustThing',
  'odd',
  'strict',
]);

export function oddSchema(definitions: string = typeDefs): GraphQLSchema {
  const schema = makeExecutableSchema({ typeDefs: [authTypeDefs, definitions] });
  for (const type of Object.values(schema.getTypeMap())) {
    if (type instanceof GraphQLObjectType && !type.name.startsWith('__')) {
      for (const field of Object.values(type.getFields())) {
        if (RESOLVED.has(field.name) || type === schema.getQueryType() || type === schema.getMutationType()) {
          field.resolve = resolverOf(schema, field) as never;
        }
      }
    }
    if (type.name === 'Checked' && type instanceof GraphQLObjectType) {
      type.isTypeOf = (value, context: OddContext, info) => {
        context.log.push(`isTypeOf ${pathText(info)}`);
        return context.behaviour.isTypeOf(value, pathText(info)) as boolean;
      };
    }
    if (type.name === 'Named' && type instanceof GraphQLInterfaceType) {
      type.resolveType = (value, context: OddContext, info) => {
        context.log.push(`resolveType ${pathText(info)}`);
        return context.behaviour.resolveType(value, pathText(info)) as string;
      };
    }
    if (type instanceof GraphQLScalarType && type.name === 'Odd') {
      type.serialize = (value) => (typeof value === 'function' ? (value() as unknown) : value);
    }
  }
  return schema;
}

export function guardedOddSchema(): GraphQLSchema {
  return guardSchema<OddContext>(oddSchema(), {
    viewer: ({ id, roles, log }) => {
      log.push('viewer');
      return { id, roles, permissions: [] };
    },
    onDenied: ({ coordinate, path }, { log }) => log.push(`denied ${coordinate} ${path.join('.')}`),
  });
}

function pathText(info: GraphQLResolveInfo): string {
  const steps: string[] = [];
  for (let at: GraphQLResolveInfo['path'] | undefined = info.path; at; at = at.prev) {
    steps.push(`${at.typename ?? ''}:${at.key}`);
  }
  return steps.toReversed().join('.');
}

function resolverOf(schema: GraphQLSchema, field: GraphQLField<unknown, unknown>) {
  return (source: unknown, args: Record<string, unknown>, context: OddContext, info: GraphQLResolveInfo): unknown => {
    logCall(source, args, context, info);
    const path = `${sourcePath(source)}/${pathText(info)}`;
    return context.behaviour.given(() => valueOf(schema, field.type, context, path), path);
  };
}

/** Notes a call with all that it is given; and changes the arguments and the info, as a resolver may. */
function logCall(source: unknown, args: Record<string, unknown>, { log }: OddContext, info: GraphQLResolveInfo): void {
  const { fieldName, returnType, parentType, operation, fieldNodes, rootValue, fragments, variableValues } = info;
  const nodes = fieldNodes.map(({ loc }) => loc?.start);
  const rest = [operation.name?.value, nodes, typeof rootValue, Object.keys(fragments), variableValues];
  log.push(
    `${parentType.name}.${fieldName}: ${String(returnType)} ${pathText(info)} of ${sourcePath(source)} ${JSON.stringify([args, ...rest])}`,
  );
  args['changed'] = fieldName;
  Object.assign(fragments, { [fieldName]: null });
  Object.assign(info, { fieldNodes: [...fieldNodes, ...fieldNodes] });
  const { range } = args as { range?: { to?: number } };
  if (range !== undefined && range !== null && Object.isExtensible(range)) {
    range.to = 99;
  }
}

const PATH = Symbol('path');

function sourcePath(source: unknown): string {
  return String((source as { [PATH]?: string } | null | undefined)?.[PATH]);
}

/** A value for a type: most often one of that type. */
export function valueOf(schema: GraphQLSchema, output: GraphQLOutputType, context: OddContext, path: string): unknown {
  const { behaviour } = context;
  const type = getNullableType(output);
  const instead = behaviour.instead(path, isNonNullType(output));
  if (instead !== undefined) {
    return instead.value;
  }
  if (isListType(type)) {
    return behaviour.list(path, (index) => {
      const item = `${path}[${index}]`;
      return behaviour.given(() => valueOf(schema, type.ofType, context, item), item, true);
    });
  }
  if (isObjectType(type)) {
    return objectOf(schema, type, context, path);
  }
  if (isAbstractType(type)) {
    const possible = schema.getPossibleTypes(type);
    return objectOf(schema, behaviour.pick(`${path}~`, possible), context, path);
  }
  if (type instanceof GraphQLEnumType) {
    return behaviour.pick(path, ['RED', 'GREEN', 'RED', 'GREEN', 'PURPLE', 3]);
  }
  return behaviour.leaf(type.name, path);
}

function objectOf(schema: GraphQLSchema, type: GraphQLObjectType, context: OddContext, path: string): object {
  const { behaviour, log } = context;
  const object: object = { [PATH]: path, kind: type.name };
  if (behaviour.isBelow(`${path}__typename`, 0.8)) {
    Object.assign(object, { __typename: type.name });
  }
  for (const { name, type: output } of Object.values(type.getFields())) {
    const own = `${path}/${name}`;
    const give = (): unknown => behaviour.given(() => valueOf(schema, output, context, own), own);
    const isMethod = name.toLowerCase().includes('method') || behaviour.isBelow(`${own}()`, 0.05);
    const get = isMethod
      ? () => (args: Record<string, unknown>, _context: unknown, info: GraphQLResolveInfo) => {
          logCall(object, args, context, info);
          return give();
        }
      : give;
    Object.defineProperty(object, name, {
      get: () => {
        log.push(`read ${own}`);
        return get();
      },
    });
  }
  return object;
}
