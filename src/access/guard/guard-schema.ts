import { mapSchema, MapperKind } from '@graphql-tools/utils';
import type { GraphQLSchema } from 'graphql';
import { type Policy, readPolicy } from '../policy/policy.ts';
import type { RoleClosure } from '../policy/roles.ts';
import { type AccessViewer, keyringOf } from '../policy/viewer.ts';
import { attachPolicy, requirePolicyFor } from './attached.ts';
import { guardAbstract, guardField } from './compile.ts';
import type { Denial } from './denial.ts';
import { createGateBook, type GateBook } from './gates.ts';
import { collectInputTypes } from './inputs.ts';
import type { DeniedListener, GuardKit } from './kit.ts';
import { collectOwners } from './owners.ts';
import { Requests } from './requests.ts';

export interface GuardOptions<Context> {
  /** Who is asking. Called once for each execution, and again for each event of a subscription. */
  readonly viewer: (context: Context) => AccessViewer;
  /** The name of the enum whose values are the roles; `Role` without it. */
  readonly roleEnum?: string | undefined;
  /** What `readPolicy` returned for the same schema; it is read from the schema without it. */
  readonly policy?: Policy | undefined;
  /** Told of every refusal, before the client is. What it throws takes the place of the refusal. */
  readonly onDenied?: ((denial: Denial, context: Context) => void) | undefined;
}

/**
 * The same schema with its policy enforced: resolvers, event sources, and the types of abstract values are behind their
 * doors, arguments are looked through, everything else is as it was. Any executor for graphql 16 may run it.
 *
 * A field without a resolver gets graphql-js's default one: a `fieldResolver` or `typeResolver` that is given to
 * `execute` is not used where something is guarded. Transform a schema before it is guarded, not after.
 *
 * @throws PolicyError if the policy cannot be read, or is another schema's
 * @throws TypeError if the schema has been guarded already
 */
export function guardSchema<Context>(schema: GraphQLSchema, options: GuardOptions<Context>): GraphQLSchema {
  const policy = requirePolicyFor(schema, options.policy ?? readPolicy(schema, { roleEnum: options.roleEnum }));
  const gates = createGateBook();
  const whole: { schema: GraphQLSchema } = { schema };
  const kit: GuardKit = {
    requests: createRequests(options.viewer, policy.roles, gates),
    owners: collectOwners(schema, policy),
    inputs: collectInputTypes(policy, gates),
    whole,
    onDenied: deniedListener(options.onDenied),
  };
  whole.schema = mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (config, name, type) => guardField({ policy, gates, kit }, type, name, config),
    [MapperKind.ABSTRACT_TYPE]: (type) => guardAbstract({ policy, gates, kit }, type),
  });
  return attachPolicy(whole.schema, policy);
}

// Closures share the scope that they are made in: made above, these would keep the unguarded schema alive.

function createRequests(viewer: GuardOptions<never>['viewer'], roles: RoleClosure, gates: GateBook): Requests {
  return new Requests(
    (context) => keyringOf(viewer(context as never), roles),
    () => gates.count(),
  );
}

function deniedListener(listener: GuardOptions<never>['onDenied']): DeniedListener {
  return (denial, context) => listener?.(denial, context as never);
}
