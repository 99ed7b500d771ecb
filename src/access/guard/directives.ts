import {
  type ASTNode,
  defaultFieldResolver,
  type DirectiveNode,
  getArgumentValues,
  type GraphQLDirective,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  visit,
} from 'graphql';
import { definitionsOf } from '../fragment-arguments.ts';
import type { ReadTable } from '../policy/field-checks.ts';
import { chain, type MaybePromise } from '../values.ts';
import { deniedOn, type Info, NO_INFO, type Resolver } from './calls.ts';
import { deny, type GuardContext } from './denial.ts';
import { deniedInput, dependentInputs, guardedArguments, type GuardedInput, type GuardedTypes } from './inputs.ts';
import { watch } from './observe.ts';
import { coerced, operationOf } from './reject.ts';
import type { DeniedCoordinate, RequestVerdicts, RequirementRegistry } from './requests.ts';

/** A directive of operations, such as `@sort(by: IBAN)`, whose arguments may hold something guarded. */
interface GuardedDirective {
  readonly directive: GraphQLDirective;
  readonly inputs: readonly GuardedInput[];
}

export type GuardedDirectives = ReadonlyMap<string, GuardedDirective>;

/** Collects the directives whose arguments may hold guarded input fields or enum values. */
export function guardedDirectives(
  schema: GraphQLSchema,
  table: ReadTable,
  registry: RequirementRegistry,
  types: GuardedTypes,
): GuardedDirectives {
  const found = schema.getDirectives().map((directive) => {
    const inputs = guardedArguments(table, registry, types, `@${directive.name}`, directive.args, []);
    return [directive.name, { directive, inputs }] as const;
  });
  return new Map(found.filter(([, { inputs }]) => inputs.length > 0));
}

/**
 * Wraps the resolver, or the event source, of a root field so that it is denied if a directive anywhere in the operation is
 * supplied with something that is denied to the viewer. Any resolver may read the directives of an operation.
 */
export function guardDirectives(
  shared: GuardContext,
  directives: GuardedDirectives,
  resolve: Resolver = defaultFieldResolver,
): Resolver {
  return (source, args, context, given: Info) => {
    const info = given ?? NO_INFO;
    const nodes = directivesIn(info, directives);
    if (nodes.length === 0) {
      return resolve(source, args, context, info);
    }
    const judge = (): MaybePromise<Error | null> => {
      const verdicts = shared.requests.of(context, info);
      const denied = (verdicts.directives ??= firstDenied(shared, directives, nodes, verdicts, info));
      return chain(denied, (found) => {
        const place = { path: info.path, info, isPlacedByExecutor: true };
        return found === null ? null : deny(shared, verdicts, found, place);
      });
    };
    if (shared.observes) {
      watch(shared, judge);
      return resolve(source, args, context, info);
    }
    return chain(judge(), (error) => {
      if (error !== null) {
        throw error;
      }
      return resolve(source, args, context, info);
    });
  };
}

/**
 * Returns the guarded directives that an operation and the fragments of its document have. Those of a fragment with arguments
 * are in the fragments that its spreads make of it.
 */
function directivesIn(info: GraphQLResolveInfo, directives: GuardedDirectives): DirectiveNode[] {
  const found: DirectiveNode[] = [];
  for (const node of nodesOf(info)) {
    visit(node, {
      Directive: (directive) => {
        if (directives.has(directive.name.value)) {
          found.push(directive);
        }
      },
    });
  }
  return found;
}

function nodesOf(info: GraphQLResolveInfo): readonly ASTNode[] {
  const { operation, fragments, fieldNodes }: Partial<GraphQLResolveInfo> = info;
  const definitions = Object.values(fragments ?? {});
  if (operation === undefined) {
    return [...(fieldNodes ?? []), ...definitions]; // A resolver that is called by hand sees no others.
  }
  return definitionsOf(operationOf(info), definitions);
}

/** Returns the first that is denied of what the directives are supplied with; those of one operation are judged in turn. */
function firstDenied(
  shared: GuardContext,
  directives: GuardedDirectives,
  [node, ...others]: readonly DirectiveNode[],
  verdicts: RequestVerdicts,
  info: GraphQLResolveInfo,
): MaybePromise<DeniedCoordinate | null> {
  const guarded = node && directives.get(node.name.value);
  if (node === undefined || guarded === undefined) {
    return null;
  }
  const args = coerced(() => getArgumentValues(guarded.directive, node, info.variableValues)) ?? {};
  const denied = deniedInput(guarded.inputs, args, shared.inputs, verdicts);
  if (denied !== null) {
    return denied;
  }
  const inputs = dependentInputs(guarded.inputs, args, shared.inputs, verdicts);
  const { context } = verdicts;
  const depending = deniedOn(shared, NOTHING, inputs, verdicts, { object: null, args, context, info });
  return chain(depending, (found) => found ?? firstDenied(shared, directives, others, verdicts, info));
}

/** The requirements of a directive itself. */
const NOTHING: DeniedCoordinate = { coordinate: '', requirements: [] };
