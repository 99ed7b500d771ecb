import { getDirectiveValues, type GraphQLSchema, isEnumType } from 'graphql';
import type { BuiltInRole } from '../../database/seed/seed.ts';

/** The roles that `enum Role` declares, with what each inherits directly. */
export function builtInRoles(schema: GraphQLSchema): BuiltInRole[] {
  const roleEnum = schema.getType('Role');
  const inherits = schema.getDirective('inherits');
  if (!isEnumType(roleEnum) || !inherits) {
    throw new TypeError('The schema declares no enum Role, or no directive @inherits');
  }
  return roleEnum.getValues().map(({ name, description, astNode }) => {
    const values = astNode ? getDirectiveValues(inherits, astNode) : undefined;
    return { name, description: description ?? '', inherits: (values?.['roles'] ?? []) as string[] };
  });
}
