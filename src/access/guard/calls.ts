import type { GraphQLFieldResolver } from 'graphql';
import type { GuardContext } from './denial.ts';
import { deniedInput, type FieldGuard } from './inputs.ts';
import type { DeniedCoordinate, RequestVerdicts } from './requests.ts';

export type Resolver = GraphQLFieldResolver<unknown, unknown>;

/** The arguments with which an executor calls a resolver. */
export type Call = Parameters<Resolver>;

/** The denials that need no object: of the field itself, then of the arguments that were supplied. */
export function deniedBefore(
  shared: GuardContext,
  guard: FieldGuard,
  verdicts: RequestVerdicts,
  args: object,
): DeniedCoordinate | null {
  const { required, inputs } = guard;
  if (verdicts.of(required) === 'denied') {
    return guard;
  }
  return inputs.length === 0 ? null : deniedInput(inputs, args, shared.inputs, verdicts);
}
