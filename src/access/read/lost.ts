import {
  type ASTNode,
  type DefinitionNode,
  type EnumValueDefinitionNode,
  type FieldDefinitionNode,
  type GraphQLSchema,
  type InputValueDefinitionNode,
  isEnumType,
  isInputObjectType,
  isSchema,
  isTypeDefinitionNode,
  isTypeExtensionNode,
  parse,
  type Source,
  type TypeDefinitionNode,
  type TypeExtensionNode,
} from 'graphql';
import { hasFields } from '../policy/connections.ts';
import type { Report } from '../policy/policy-error.ts';
import { isRecord } from '../values.ts';
import { type Annotated, ownTypes, schemaElements } from './elements.ts';
import type { Placement } from './placement.ts';
import { type DirectiveUsages, readUsages, type Usages, usagesOfNode } from './usages.ts';

/** The name under which a guarded schema keeps its policy in `extensions`. */
export const GUARDED = 'rolegate';

/**
 * Reports the requirements that a stitched schema has lost: where several subschemas define one coordinate,
 * `stitchSchemas` takes the definition of the last one. Guarded subschemas enforce their requirements by themselves.
 */
export function checkSubschemas(placement: Placement, usages: Usages, report: Report): void {
  const subschemas = unguarded(subschemasOf(placement.schema) ?? []);
  if (subschemas.length === 0) {
    return;
  }
  const coordinates = new Set(Array.from(schemaElements(placement.schema), ({ coordinate }) => coordinate));
  const lost = subschemas.flatMap((schema) => lostRequirements({ ...placement, schema }, usages));
  for (const coordinate of new Set(lost)) {
    if (coordinates.has(coordinate)) {
      report(
        coordinate,
        'has lost a requirement that a subschema puts on it, since another subschema defines it later; guard the subschemas',
      );
    }
  }
}

/** Returns the coordinates on which a subschema puts a requirement that the stitched schema does not have. */
function lostRequirements(placement: Placement, kept: Usages): string[] {
  const inSubschema = readUsages(placement, () => undefined);
  return [...inSubschema]
    .filter(([coordinate, usages]) => isLost(usages, kept.get(coordinate)))
    .map(([coordinate]) => coordinate);
}

function isLost({ auth, reads, inherits }: DirectiveUsages, kept: DirectiveUsages | undefined): boolean {
  const keys = new Set(kept?.auth.map((usage) => JSON.stringify(usage)));
  return (
    auth.some((usage) => !keys.has(JSON.stringify(usage))) ||
    reads.some((read) => kept?.reads.includes(read) !== true) ||
    inherits.some((role) => kept?.inherits.includes(role) !== true)
  );
}

/**
 * Reports the requirements that an element has lost, since it was defined twice or built again without its definition: the
 * definition of its type still has them, or the text that it was parsed from. A stitched schema has one definition of each
 * subschema, and {@link checkSubschemas} is for those.
 */
export function checkDefinitions(placement: Placement, usages: Usages, report: Report): void {
  if (subschemasOf(placement.schema) !== null) {
    return;
  }
  const reported = new Set<string>();
  const check = (nodes: Iterable<Written>, message: string): void => {
    for (const [coordinate, node] of nodes) {
      const written = reported.has(coordinate) ? null : usagesOfNode(coordinate, node, placement);
      if (written !== null && isLost(written, usages.get(coordinate))) {
        reported.add(coordinate);
        report(coordinate, message);
      }
    }
  };
  check(
    supersededNodes(placement.schema),
    'has lost a requirement that the definition of its type puts on it, since it was defined again; define it once',
  );
  check(
    nodesInSources(placement),
    'has lost a requirement that one of its definitions puts on it, as mergeTypeDefs does to what is defined twice; ' +
      'define it once, and give authTypeDefs to mergeTypeDefs',
  );
}

/** A node of a definition, and its coordinate. */
type Written = readonly [coordinate: string, node: Annotated];

/**
 * Yields what the texts that a schema was parsed from define, if one of them has more of our directives than the schema has of
 * its: nodes name the text they come from, so that a text is known as long as one node of it is left.
 */
function* nodesInSources({ schema, names }: Placement): Generator<Written> {
  const ours = new Set([names.auth, names.reads, names.inherits]);
  const kept = new Map<Source, number>();
  const coordinates = new Set<string>();
  for (const { coordinate, nodes } of schemaElements(schema)) {
    coordinates.add(coordinate);
    for (const node of nodes) {
      count(kept, node, 0);
      node.directives?.forEach((directive) => count(kept, directive, ours.has(directive.name.value) ? 1 : 0));
    }
  }
  const usage = new RegExp(`@\\s*(?:${[...ours].join('|')})\\b`, 'g');
  for (const [{ body }, number] of kept) {
    if ((body.replaceAll(TEXTS, ' ').match(usage) ?? []).length > number) {
      yield* nodesIn(body, coordinates);
    }
  }
}

function count(kept: Map<Source, number>, { loc }: ASTNode, number: number): void {
  if (loc !== undefined) {
    kept.set(loc.source, (kept.get(loc.source) ?? 0) + number);
  }
}

/** Descriptions, other texts, comments and the declarations of directives, in which no directive is applied. */
const TEXTS = /"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|#[^\n]*|\bdirective\s*@\s*\w+/g;

function* nodesIn(body: string, coordinates: ReadonlySet<string>): Generator<Written> {
  for (const definition of parse(body).definitions) {
    if (isTypeDefinitionNode(definition) || isTypeExtensionNode(definition)) {
      for (const written of writtenIn(definition)) {
        if (coordinates.has(written[0])) {
          yield written;
        }
      }
    }
  }
}

function* writtenIn(definition: TypeDefinitionNode | TypeExtensionNode): Generator<Written> {
  const type = definition.name.value;
  yield [type, definition];
  for (const member of membersOf(definition)) {
    const coordinate = `${type}.${member.name.value}`;
    yield [coordinate, member];
    for (const argument of ('arguments' in member && member.arguments) || []) {
      yield [`${coordinate}(${argument.name.value}:)`, argument];
    }
  }
}

/** Yields the definitions within the nodes of a type from which no element of the schema was made. */
function* supersededNodes(schema: GraphQLSchema): Generator<Written> {
  for (const type of ownTypes(schema)) {
    if (!hasFields(type) && !isInputObjectType(type) && !isEnumType(type)) {
      continue;
    }
    const members: Readonly<Record<string, Member>> = isEnumType(type)
      ? Object.fromEntries(type.getValues().map((value) => [value.name, value]))
      : type.getFields();
    const nodes = [...(type.astNode ? [type.astNode] : []), ...type.extensionASTNodes];
    for (const node of nodes.flatMap(membersOf)) {
      const member = Object.hasOwn(members, node.name.value) ? members[node.name.value] : undefined;
      if (member !== undefined) {
        yield* supersededWithin(`${type.name}.${member.name}`, member, node);
      }
    }
  }
}

function membersOf(node: DefinitionNode): readonly MemberNode[] {
  return ('fields' in node ? node.fields : 'values' in node ? node.values : null) ?? [];
}

function* supersededWithin(coordinate: string, member: Member, node: MemberNode): Generator<Written> {
  if (member.astNode !== node) {
    yield [coordinate, node];
  }
  for (const written of ('arguments' in node && node.arguments) || []) {
    const argument = member.args?.find(({ name }) => name === written.name.value);
    if (argument !== undefined && argument.astNode !== written) {
      yield [`${coordinate}(${argument.name}:)`, written];
    }
  }
}

/** A field of an object or of an input, or an enum value. */
interface Member {
  readonly name: string;
  readonly astNode?: unknown;
  readonly args?: readonly { readonly name: string; readonly astNode?: unknown }[];
}

type MemberNode = FieldDefinitionNode | InputValueDefinitionNode | EnumValueDefinitionNode;

/** Returns the subschemas that graphql-tools has stitched to this schema; null if it is not stitched. */
function subschemasOf({ extensions }: GraphQLSchema): unknown[] | null {
  const info: unknown = extensions['stitchingInfo'];
  const subschemas: unknown = isRecord(info) ? info['subschemaMap'] : undefined;
  return subschemas instanceof Map ? [...subschemas.values()] : null;
}

/** Returns those of the subschemas that are not guarded, as the stitched schema sees them. */
function unguarded(subschemas: readonly unknown[]): GraphQLSchema[] {
  return subschemas.flatMap((subschema) => {
    const { schema, transformedSchema }: Readonly<Record<string, unknown>> = isRecord(subschema) ? subschema : {};
    const visible = transformedSchema ?? schema;
    return isSchema(schema) && isSchema(visible) && !(GUARDED in schema.extensions) ? [visible] : [];
  });
}
