import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { PolicyError } from '../policy/policy-error.ts';
import type { Policy } from '../policy/policy.ts';

const KEY = 'rolegate';

/**
 * Returns the policy that a guarded schema enforces, in which `schema` is the guarded one; null if the schema is not
 * guarded.
 */
export function policyOf(schema: GraphQLSchema): Policy | null {
  const attached = schema.extensions[KEY];
  return attached instanceof Attachment && attached.policy.schema === schema ? attached.policy : null;
}

/** Attaches the policy to the schema that enforces it. */
export function attachPolicy(schema: GraphQLSchema, policy: Policy): GraphQLSchema {
  schema.extensions = {
    ...schema.extensions,
    [KEY]: new Attachment({ ...policy, schema, visible: { ...policy.visible, schemas: new Map() } }),
  };
  return schema;
}

/**
 * Returns the policy if it can be enforced on the schema.
 *
 * @throws TypeError if the schema is guarded already
 * @throws PolicyError if the policy was read from a schema with other types or fields
 */
export function requirePolicyFor(schema: GraphQLSchema, policy: Policy): Policy {
  if (schema.extensions[KEY] instanceof Attachment) {
    throw new TypeError('The schema is guarded already');
  }
  if (policy.schema !== schema && outline(policy.schema) !== outline(schema)) {
    throw new PolicyError([{ coordinate: 'schema', message: 'is not the one that the policy was read from' }]);
  }
  return policy;
}

function outline(schema: GraphQLSchema): string {
  return printSchema(lexicographicSortSchema(schema));
}

class Attachment {
  readonly policy: Policy;

  constructor(policy: Policy) {
    this.policy = policy;
  }
}
