import type { ApolloServerPlugin, BaseContext } from '@apollo/server';
import {
  type DocumentNode,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';

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
 * Tells of the use of hidden fields. To the client such a field does not exist, so that the document fails in validation
 * and no guard ever sees it; to the audit trail it is a denial.
 */
export function createHiddenFieldsPlugin<Context extends BaseContext>(
  whole: GraphQLSchema,
  onHidden: (coordinate: string, context: Context) => void,
): ApolloServerPlugin<Context> {
  return {
    requestDidStart: async () => ({
      validationDidStart:
        async ({ document, schema, contextValue }) =>
        async (errors) => {
          if (errors !== undefined && errors.length > 0) {
            hiddenFieldsOf(document, whole, schema).forEach((coordinate) => onHidden(coordinate, contextValue));
          }
        },
    }),
  };
}
