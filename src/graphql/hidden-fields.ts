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
 * Returns the coordinates of the fields that a document asks for, that the complete schema has, and that the visible part
 * of it lacks. To the client such a field does not exist: the document fails in validation, and no guard ever sees it.
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
