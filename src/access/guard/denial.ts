import { GraphQLError, type GraphQLResolveInfo, type GraphQLSchema, responsePathAsArray } from 'graphql';
import { satisfies } from '../policy/judge.ts';
import type { Policy } from '../policy/policy.ts';
import type { Requirement } from '../policy/requirements.ts';
import type { FieldGuard, GuardedTypes } from './inputs.ts';
import type { ObjectJudge } from './objects.ts';
import type { Denial, Requests, RequestVerdicts } from './requests.ts';

type Path = GraphQLResolveInfo['path'];

/** Receives the first denial of each coordinate in an execution. */
export type DeniedListener = (denial: Denial, context: unknown) => void;

/** The state that the guards of one schema share while requests run. */
export interface GuardContext {
  readonly policy: Policy;
  readonly requests: Requests;
  readonly judgeObject: ObjectJudge;
  readonly inputs: GuardedTypes;
  /** The guards of fields by coordinate, once they are built. */
  readonly fields: Map<string, FieldGuard>;
  /** The guarded schema, once it exists. Executions run on it, or on a schema that was pruned from it. */
  readonly complete: { readonly schema: GraphQLSchema };
  readonly onDenied: DeniedListener;
  /** Receives what fails while guards observe. */
  readonly onFailure: (error: unknown) => void;
  /** True if nothing is denied. */
  readonly observes: boolean;
  /** The number of errors that are listed for each coordinate of an execution. */
  readonly errorLimit: number;
}

/** One denied value. */
export interface DeniedValue {
  readonly coordinate: string;
  readonly requirements: readonly Requirement[];
  /** The place of the field, and of the value in its lists. */
  readonly path: Path;
  readonly info: GraphQLResolveInfo;
  /** True if the executor knows the place of the value better than the guard. */
  readonly isPlacedByExecutor?: boolean;
}

/**
 * Counts a denied value, reports the first of its coordinate, and returns the error to answer with; null if as many
 * errors are listed for the coordinate as are wanted.
 */
export function deny(shared: GuardContext, verdicts: RequestVerdicts, value: DeniedValue): GraphQLError | null {
  const { coordinate, requirements, path, info } = value;
  const { grants, context } = verdicts;
  const known = verdicts.denials.get(coordinate);
  const code = grants.id === null ? 'UNAUTHENTICATED' : 'FORBIDDEN';
  if (known === undefined) {
    const denial = {
      code,
      coordinate,
      viewerId: grants.id,
      // A resolver that is called by hand may be given less than its type says.
      operationName: (info.operation as typeof info.operation | undefined)?.name?.value ?? null,
      requirements: requirements.filter((requirement) => !satisfies(requirement, grants)),
      path: responsePathAsArray(path),
      count: 1,
      enforced: !shared.observes,
    } as const;
    verdicts.denials.set(coordinate, denial);
    shared.onDenied(denial, context);
  } else {
    known.count += 1;
  }
  const isListed = (known?.count ?? 1) <= shared.errorLimit;
  return isListed || value.isPlacedByExecutor === true
    ? withoutStack(() => {
        const message = code === 'UNAUTHENTICATED' ? 'Authentication required' : 'Permission denied';
        const place = value.isPlacedByExecutor ? {} : { nodes: info.fieldNodes, path: responsePathAsArray(path) };
        return new GraphQLError(message, { ...place, extensions: { code, coordinate } });
      })
    : null;
}

/** Constructs an error without its stack, which tells nothing of a denial and costs more than everything else of it. */
function withoutStack(construct: () => GraphQLError): GraphQLError {
  const { stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = 0;
    return construct();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** The number of different failures of a listener that are printed. */
const MOST_FAILURES = 20;

/** Creates a function that prints failures of the adopter's functions which must not change an answer, each once. */
export function createFailureLog(): (error: unknown) => void {
  const printed = new Set<string>();
  return (error) => {
    const text = String(error);
    if (!printed.has(text) && printed.size < MOST_FAILURES) {
      printed.add(text);
      // oxlint-disable-next-line no-console -- there is no other place for a failure that the answer must not show
      console.error('rolegate: a listener failed; the answer is not affected.', error);
    }
  };
}
