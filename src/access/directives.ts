import { buildASTSchema, GraphQLDirective, type GraphQLEnumType, GraphQLList, GraphQLNonNull, parse } from 'graphql';
import { authTypeDefsFor } from './type-defs.ts';

/**
 * The directives of the access model as graphql-js objects, for code-first builders that take directives in that form.
 * Adding them to a schema also adds the enum of roles, which such builders leave out when nothing else uses it.
 *
 * @param roles the enum of roles that the schema uses
 */
export function authDirectives(roles: GraphQLEnumType): GraphQLDirective[] {
  const document = parse(`${authTypeDefsFor(roles.name)} enum ${roles.name} { NONE }`);
  const declared = buildASTSchema(document).getDirectives();
  const ours = declared.filter(({ astNode }) => astNode !== undefined && astNode !== null);
  return ours.map((directive) => {
    const { args, ...config } = directive.toConfig();
    const requires = args['requires'];
    return new GraphQLDirective({
      ...config,
      astNode: null,
      args:
        requires === undefined
          ? args
          : { ...args, requires: { ...requires, type: new GraphQLList(new GraphQLNonNull(roles)), astNode: null } },
    });
  });
}
