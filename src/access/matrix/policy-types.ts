import type { GraphQLSchema } from 'graphql';
import { policyFrom } from '../guard/attached.ts';
import type { Policy } from '../policy/policy.ts';

/**
 * Returns TypeScript source with the closed vocabularies of a policy, as unions of strings: `Role`, `Permission`,
 * `PolicyName` and `Coordinate`.
 *
 * @throws PolicyError if a schema is given whose policy cannot be read
 */
export function policyTypes(source: Policy | GraphQLSchema): string {
  const { roles, permissions, policies, rules } = policyFrom(source);
  return [
    union('Role', 'A role of the schema.', roles.keys()),
    union('Permission', 'A permission that satisfies a requirement.', permissions.keys()),
    union('PolicyName', 'A policy function that a requirement names.', policies.keys()),
    union('Coordinate', 'A field, argument, input field or enum value of the schema.', rules.keys()),
  ].join('\n');
}

function union(name: string, meaning: string, members: Iterable<string>): string {
  const lines = [...members].sort().map((member) => `\n  | ${quote(member)}`);
  return `/** ${meaning} */\nexport type ${name} =${lines.join('') || ' never'};\n`;
}

/** Quotes a string literal as the formatters write it. */
function quote(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
  return `'${escaped.replaceAll("'", "\\'")}'`;
}
