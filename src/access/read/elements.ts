import {
  type ASTNode,
  type ConstDirectiveNode,
  DirectiveLocation,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
} from 'graphql';

/** An element of a schema that may carry directives. */
export interface SchemaElement {
  /**
   * Its schema coordinate: `Type`, `Type.field`, `Type.field(arg:)`, `Enum.VALUE`, `@directive`, `@directive(arg:)`.
   */
  readonly coordinate: string;
  readonly location: DirectiveLocation;
  readonly nodes: readonly Annotated[];
  readonly extensions: Readonly<Record<string, unknown>>;
}

/** A node of a parsed document that may carry directives. */
export type Annotated = ASTNode & { readonly directives?: readonly ConstDirectiveNode[] | undefined };

interface Source {
  readonly astNode?: Annotated | null | undefined;
  readonly extensionASTNodes?: readonly Annotated[];
  readonly extensions: Readonly<Record<string, unknown>>;
}

/** Yields every element of the schema that can carry a directive, except those of the types that GraphQL defines. */
export function* schemaElements(schema: GraphQLSchema): Generator<SchemaElement> {
  yield element('schema', DirectiveLocation.SCHEMA, schema);
  for (const directive of schema.getDirectives()) {
    yield* argumentElements(`@${directive.name}`, directive.args);
  }
  for (const type of ownTypes(schema)) {
    yield* typeElements(type);
  }
}

/** Returns the types that the author of the schema defined. */
export function ownTypes(schema: GraphQLSchema): GraphQLNamedType[] {
  return Object.values(schema.getTypeMap()).filter(
    (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
  );
}

function* typeElements(type: GraphQLNamedType): Generator<SchemaElement> {
  yield element(type.name, typeLocation(type), type);
  if (isObjectType(type) || isInterfaceType(type)) {
    for (const field of Object.values(type.getFields())) {
      yield* fieldElements(type.name, field);
    }
  } else if (isInputObjectType(type)) {
    for (const field of Object.values(type.getFields())) {
      yield element(`${type.name}.${field.name}`, DirectiveLocation.INPUT_FIELD_DEFINITION, field);
    }
  } else if (isEnumType(type)) {
    for (const value of type.getValues()) {
      yield element(`${type.name}.${value.name}`, DirectiveLocation.ENUM_VALUE, value);
    }
  }
}

function* fieldElements(typeName: string, field: GraphQLField<unknown, unknown>): Generator<SchemaElement> {
  const coordinate = `${typeName}.${field.name}`;
  yield element(coordinate, DirectiveLocation.FIELD_DEFINITION, field);
  yield* argumentElements(coordinate, field.args);
}

function* argumentElements(owner: string, args: readonly GraphQLArgument[]): Generator<SchemaElement> {
  for (const argument of args) {
    yield element(`${owner}(${argument.name}:)`, DirectiveLocation.ARGUMENT_DEFINITION, argument);
  }
}

function element(coordinate: string, location: DirectiveLocation, source: Source): SchemaElement {
  const nodes = [...(source.astNode ? [source.astNode] : []), ...(source.extensionASTNodes ?? [])];
  return { coordinate, location, nodes, extensions: source.extensions };
}

function typeLocation(type: GraphQLNamedType): DirectiveLocation {
  if (isObjectType(type)) {
    return DirectiveLocation.OBJECT;
  }
  if (isInterfaceType(type)) {
    return DirectiveLocation.INTERFACE;
  }
  if (isInputObjectType(type)) {
    return DirectiveLocation.INPUT_OBJECT;
  }
  if (isEnumType(type)) {
    return DirectiveLocation.ENUM;
  }
  return isScalarType(type) ? DirectiveLocation.SCALAR : DirectiveLocation.UNION;
}
