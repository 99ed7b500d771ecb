import type { ApolloServerPlugin } from '@apollo/server';
import {
  type DocumentNode,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { RequestContext } from '../context.ts';

/**
 * The coordinates of the fields that a document asks for, that the whole schema has, and that the visible part of it
 * lacks.
 */
export function hiddenFieldsOf(document: DocumentNode, whole: GraphQLSchema, visible: GraphQLSchema): Set<string> {
  const hidden = new Set<string>();
  const info = new TypeInfo(whole);
  const enter = (): void => {
    const parent = info.getParentType();
    const field = info.getFieldDef();
    if (parent && field && !field.name.startsWith('__') && !hasField(visible, parent.name, field.name)) {
      hidden.add(`${parent.name}.${field.name}`);
    }
  };
  visit(document, visitWithTypeInfo(info, { Field: { enter } }));
  return hidden;
}

function hasField(schema: GraphQLSchema, typeName: string, fieldName: string): boolean {
  const type = schema.getType(typeName);
  return (isObjectType(type) || isInterfaceType(type)) && fieldName in type.getFields();
}

/**
 * Counts the use of hidden fields as what it is: a denial. To the client such a field does not exist, so that the
 * document fails in validation and no guard ever sees it.
 */
export function countHiddenFields(whole: GraphQLSchema): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async () => ({
      validationDidStart:
        async ({ document, schema, contextValue: { viewer, client, denials } }) =>
        async (errors) => {
          if (errors === undefined || errors.length === 0) {
            return;
          }
          const code = viewer.id === null ? 'UNAUTHENTICATED' : 'FORBIDDEN';
          for (const coordinate of hiddenFieldsOf(document, whole, schema)) {
            denials.count({ actorId: viewer.id, address: client.address, coordinate, code });
          }
        },
    }),
  };
}
