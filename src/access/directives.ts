import {
  buildASTSchema,
  GraphQLDirective,
  GraphQLEnumType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLString,
  isEnumType,
  isSpecifiedDirective,
  parse,
} from 'graphql';
import { refuseAnotherCopy } from './read/load.ts';
import type { DirectiveNames } from './read/vocabulary.ts';
import { authTypeDefsFor } from './type-defs.ts';

/**
 * The directives of the access model as graphql-js objects, for code-first builders that take directives in that form.
 * Adding them to a schema also adds the enum of roles, which such builders leave out when nothing else uses it.
 *
 * @param roles the enum of roles that the schema uses; without it roles are written as texts, as the option `inherits`
 *   names them
 * @param directives other names for the directives, as in the option `directives`
 * @throws TypeError if `roles` is not an enum, or the names of the directives cannot be used
 */
export function authDirectives(roles?: GraphQLEnumType, directives: Partial<DirectiveNames> = {}): GraphQLDirective[] {
  refuseAnotherCopy('The enum of roles', roles, GraphQLEnumType);
  if (roles !== undefined && !isEnumType(roles)) {
    throw new TypeError('authDirectives takes the GraphQLEnumType of roles, or nothing if the schema has none');
  }
  const type = roles ?? GraphQLString;
  const definitions = `${authTypeDefsFor(type.name, directives)} ${roles ? `enum ${roles.name} { NONE }` : ''}`;
  const declared = buildASTSchema(parse(definitions)).getDirectives();
  const ours = declared.filter((directive) => !isSpecifiedDirective(directive));
  return ours.map((directive) => {
    const { args, ...config } = directive.toConfig();
    const requires = args['requires'];
    return new GraphQLDirective({
      ...config,
      astNode: null,
      args:
        requires === undefined
          ? args
          : { ...args, requires: { ...requires, type: new GraphQLList(new GraphQLNonNull(type)), astNode: null } },
    });
  });
}
