import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type FieldDefinitionNode,
  Kind,
  parse,
  print,
  visit,
} from 'graphql';
import type { Tape } from './tape.ts';

/** The same type definitions in another order, parts of them moved to extensions. */
export function reordered(sdl: string, tape: Tape): string {
  const document = visit(parse(sdl), {
    enter: (node) => {
      if (!('directives' in node) || node.directives === undefined) {
        return undefined;
      }
      return { ...node, directives: tape.shuffle(node.directives as readonly ConstDirectiveNode[]) };
    },
  });
  const definitions = document.definitions.flatMap((node) => split(node, tape));
  return tape
    .shuffle(definitions)
    .map((node) => print(node))
    .join('\n');
}

/** Moves some fields, and some directives, to an extension of the type. */
function split(node: DefinitionNode, tape: Tape): DefinitionNode[] {
  if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION) {
    return [node];
  }
  const fields = tape.shuffle<FieldDefinitionNode>(node.fields ?? []);
  const [first, ...others] = fields;
  const moved = tape.some(others);
  const directives = tape.some(node.directives ?? []);
  if (first === undefined || moved.length + directives.length === 0) {
    return [{ ...node, fields }];
  }
  const kept = { ...node, fields: fields.filter((field) => !moved.includes(field)) };
  const rest = (node.directives ?? []).filter((directive) => !directives.includes(directive));
  const kind = node.kind === Kind.OBJECT_TYPE_DEFINITION ? Kind.OBJECT_TYPE_EXTENSION : Kind.INTERFACE_TYPE_EXTENSION;
  return [
    { ...kept, directives: rest },
    { kind, name: node.name, fields: moved, directives },
  ];
}
