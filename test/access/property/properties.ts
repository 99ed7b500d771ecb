import { makeExecutableSchema } from '@graphql-tools/schema';
import { mapSchema, MapperKind } from '@graphql-tools/utils';
import { assert, asyncProperty } from 'fast-check';
import {
  execute,
  GraphQLInterfaceType,
  type GraphQLSchema,
  GraphQLUnionType,
  parse,
  responsePathAsArray,
  validate,
} from 'graphql';
import { expect } from 'vitest';
import {
  accessMatrix,
  type AccessViewer,
  authTypeDefs,
  explainAccess,
  guardSchema,
  type Policy,
  PolicyError,
  policyOf,
  readPolicy,
  visibleSchema,
} from '../../../src/access/index.ts';
import { NaiveSchema } from './oracle-requirements.ts';
import { Oracle } from './oracle.ts';
import { randomOperation } from './operations.ts';
import { reordered } from './reorder.ts';
import { randomSdl, randomViewer } from './schemas.ts';
import { numbers, Tape } from './tape.ts';
import { type Thing, valueAt } from './world.ts';

/** The context of an operation. */
interface Context {
  readonly viewer: AccessViewer;
  readonly calls: string[];
}

/** The number of schemas, and the seed of their choice. */
export interface Scale {
  readonly runs: number;
  /** Others every time without it. */
  readonly seed?: number;
}

/** A random schema that can be served. */
interface Sample {
  readonly sdl: string;
  readonly schema: GraphQLSchema;
  readonly policy: Policy;
  readonly naive: NaiveSchema;
}

/** The schema that a tape makes; null if its policy is refused, which few are. */
function sampleOf(tape: Tape): Sample | null {
  const sdl = randomSdl(tape);
  const plain = makeExecutableSchema({ typeDefs: [authTypeDefs, sdl] });
  try {
    readPolicy(plain);
  } catch (error) {
    if (error instanceof PolicyError) {
      return null;
    }
    throw error;
  }
  const schema = guardSchema<Context>(recording(plain), { viewer: ({ viewer }) => viewer });
  const policy = policyOf(schema);
  return policy && { sdl, schema, policy, naive: new NaiveSchema(sdl) };
}

/** Every resolver writes down that it was called, and gives what is at its path. */
function recording(plain: GraphQLSchema): GraphQLSchema {
  const members = (name: string): string[] => {
    const type = plain.getType(name);
    const possible = type && 'getTypes' in type ? type.getTypes() : [];
    return possible.length > 0 ? possible.map((one) => one.name) : implementers(plain, name);
  };
  return mapSchema(plain, {
    [MapperKind.INTERFACE_TYPE]: (type) => new GraphQLInterfaceType({ ...type.toConfig(), resolveType: typeOf }),
    [MapperKind.UNION_TYPE]: (type) => new GraphQLUnionType({ ...type.toConfig(), resolveType: typeOf }),
    [MapperKind.OBJECT_FIELD]: (config, name, type) => ({
      ...config,
      resolve: (source: Thing | undefined, _args, context: Context, info) => {
        const path = responsePathAsArray(info.path).join('.');
        if (info.fieldNodes[0]?.loc !== undefined) {
          context.calls.push(`${type}.${name} at ${path}`);
        }
        return name === 'id' ? source?.id : valueAt(String(info.returnType), path, members);
      },
    }),
  });
}

const typeOf = ({ type }: Thing): string => type;

function implementers(schema: GraphQLSchema, name: string): string[] {
  const type = schema.getType(name);
  return type && 'resolveType' in type && 'getInterfaces' in type
    ? schema.getPossibleTypes(type).map((one) => one.name)
    : [name];
}

/** Checks a property of random schemas; more than a third of them must be such as can be served. */
async function check(
  { runs, seed }: Scale,
  property: (sample: Sample, tape: Tape) => Promise<void> | void,
): Promise<void> {
  let served = 0;
  await assert(
    asyncProperty(numbers, async (choices) => {
      const tape = new Tape(choices);
      const sample = sampleOf(tape);
      if (sample !== null) {
        served += 1;
        await property(sample, tape);
      }
    }),
    { numRuns: runs, endOnFailure: true, ...(seed === undefined ? {} : { seed }) },
  );
  expect(served).toBeGreaterThan(runs / 3);
}

/** Runs an operation, and tells what came of it in a form to compare. */
async function run(schema: GraphQLSchema, viewer: AccessViewer, source: string, variables: object) {
  const contextValue: Context = { viewer, calls: [] };
  const variableValues = { ...variables };
  const { data, errors = [] } = await execute({ schema, document: parse(source), contextValue, variableValues });
  const denied = errors.map(({ path = [], extensions, message }) => {
    return { path: path.join('.'), code: extensions['code'], coordinate: told(extensions['coordinate']) ?? message };
  });
  const plain: unknown = data === undefined ? undefined : JSON.parse(JSON.stringify(data));
  return { data: plain, denied, calls: contextValue.calls };
}

const told = (value: unknown): string | null => (typeof value === 'string' ? value : null);

const byText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** Data, nulls, codes, paths and the resolvers that are called are what the oracle says. */
export function expectAnswers(scale: Scale): Promise<void> {
  return check(scale, async ({ schema, naive }, tape) => {
    const viewer = randomViewer(tape);
    const { source, variables } = randomOperation(tape, schema);
    expect(validate(schema, parse(source))).toEqual([]);
    const real = await run(schema, viewer, source, variables);
    const { data, denied, calls } = new Oracle(naive, viewer).execute(source, variables);
    expect(real.data).toEqual(JSON.parse(JSON.stringify(data)));
    expect(real.calls.toSorted(byText)).toEqual(calls.toSorted(byText));
    expect(real.denied.map(({ path }) => path).toSorted(byText)).toEqual([...denied.keys()].toSorted(byText));
    for (const { path, code, coordinate } of real.denied) {
      expect(code).toBe(viewer.id === null ? 'UNAUTHENTICATED' : 'FORBIDDEN');
      expect(denied.get(path)).toContain(coordinate);
    }
  });
}

/** Every cell of the matrix is the oracle's verdict on a viewer who holds just that role. */
export function expectMatrix(scale: Scale): Promise<void> {
  return check(scale, ({ policy, naive }) => {
    const { columns, rows } = accessMatrix(policy);
    for (const [index, column] of columns.entries()) {
      const id = column === 'anonymous' ? null : 'somebody';
      const oracle = new Oracle(naive, { id, roles: id === null ? [] : [column], permissions: [] });
      const ours = rows.map(({ coordinate, cells }) => `${coordinate} ${column} ${cells[index]}`);
      expect(ours).toEqual(rows.map(({ coordinate }) => `${coordinate} ${column} ${verdict(oracle, coordinate)}`));
    }
  });
}

/** Returns the verdict of the oracle, which knows nothing of roles: any viewer may name them. */
function verdict(oracle: Oracle, coordinate: string): string {
  return coordinate.startsWith('Role.') ? 'allowed' : oracle.verdictOn(coordinate);
}

/** Checks that explanations come true: every denial was explained, and the verdicts are those of the oracle. */
export function expectExplanation(scale: Scale): Promise<void> {
  return check(scale, async ({ schema, policy, naive }, tape) => {
    const viewer = randomViewer(tape);
    const { source, variables } = randomOperation(tape, schema);
    const explained = explainAccess(policy, { viewer, operation: source, variables });
    const oracle = new Oracle(naive, viewer);
    for (const { coordinate, returning, verdict } of explained.coordinates) {
      if (returning === null) {
        expect(`${coordinate} ${verdict}`).toBe(`${coordinate} ${oracle.verdictOn(coordinate)}`);
      }
    }
    const { denied } = await run(schema, viewer, source, variables);
    const expected = new Set(
      explained.coordinates.filter((one) => one.verdict !== 'allowed').map((one) => one.coordinate),
    );
    expect(denied.filter(({ coordinate }) => !expected.has(coordinate))).toEqual([]);
    expect(explained.allowed && denied.length > 0).toBe(false);
  });
}

/** Checks that hidden parts look as if they did not exist, and that operations on a pruned schema run as on the complete one. */
export function expectVisibility(scale: Scale): Promise<void> {
  return check(scale, async ({ schema, policy }, tape) => {
    const viewer = randomViewer(tape);
    const { source, variables } = randomOperation(tape, schema);
    const visible = visibleSchema(policy, { viewer });
    const { coordinates } = explainAccess(policy, { viewer, operation: source, variables });
    const isValid = validate(visible, parse(source)).length === 0;
    if (isValid) {
      const pruned = await run(visible, viewer, source, variables);
      if (pruned.data === undefined) {
        // A variable has a hidden input field or enum value: the operation is refused before a resolver is called.
        expect(pruned.calls).toEqual([]);
        expect(coordinates.some(({ verdict }) => verdict === 'denied')).toBe(true);
      } else {
        expect(pruned).toEqual(await run(schema, viewer, source, variables));
      }
    }
    const fields = Object.keys(schema.getQueryType()?.getFields() ?? {});
    for (const name of fields) {
      const isHidden = coordinates.some(
        ({ coordinate, returning, verdict }) =>
          coordinate === `Query.${name}` && returning === null && verdict === 'denied',
      );
      const [asked, unknown] = [name, 'zz'].map((field) => {
        const errors = validate(visible, parse(`{ ${field} { __typename } }`), undefined, { hideSuggestions: true });
        return JSON.stringify(errors).replaceAll(`"${field}`, '"?').replaceAll(`\\"${field}\\"`, '?');
      });
      if (isHidden) {
        expect(asked).toBe(unknown);
        expect(isValid).toBe(false);
      }
    }
  });
}

function tableOf(typeDefs: string): unknown {
  const { rules, types, permissions } = readPolicy([authTypeDefs, typeDefs]);
  return [[...rules], [...types], [...permissions]];
}

/** The order of definitions, fields and directives, and `extend`, do not change the table. */
export function expectOneTable(scale: Scale): Promise<void> {
  return check(scale, ({ sdl }, tape) => {
    expect(tableOf(reordered(sdl, tape))).toEqual(tableOf(sdl));
  });
}
