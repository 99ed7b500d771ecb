import type { ASTNode, DefinitionNode, DocumentNode } from 'graphql';
import { PolicyError, type PolicySource, type Problem } from '../../access/index.ts';

/**
 * Returns the same error with the file and the line of each coordinate, `(schema.graphql:3)`, if the schema is SDL. The
 * messages of graphql-js have no coordinate; the first one that they quote is located in the same way.
 */
export function locateProblems(error: PolicyError, source: PolicySource): PolicyError {
  const documents = [source].flat().filter(isDocument);
  const places = placesIn(documents);
  const problems = error.problems.map(({ coordinate, message }): Problem => {
    const quoted = Array.from(message.matchAll(/"([\w.]+)"/g), ([, name = '']) => name);
    const names = coordinate === 'schema' ? quoted : [coordinate];
    const found = names.map((name) => places.get(name)).find((list) => list !== undefined);
    return { coordinate, message: found === undefined ? message : `${message} (${found.join(', ')})` };
  });
  return new PolicyError(problems);
}

function isDocument(source: unknown): source is DocumentNode {
  return typeof source === 'object' && source !== null && 'definitions' in source;
}

/** Returns the places of types and of their members, `file:line`, by coordinate: several if something is defined twice. */
function placesIn(documents: readonly DocumentNode[]): ReadonlyMap<string, readonly string[]> {
  const places = new Map<string, string[]>();
  const add = (coordinate: string, { loc }: ASTNode): void => {
    if (loc !== undefined) {
      // Counting lines from the start of the file, as `getLocation` does, takes seconds in a large one.
      const place = `${loc.source.name}:${loc.startToken.line}`;
      places.set(coordinate, [...(places.get(coordinate) ?? []), place]);
    }
  };
  documents.flatMap(({ definitions }) => definitions).forEach((node) => addMembers(node, add));
  return places;
}

function addMembers(node: DefinitionNode, add: (coordinate: string, node: ASTNode) => void): void {
  if (!('name' in node) || node.name === undefined) {
    return;
  }
  const type = node.name.value;
  add(type, node);
  const fields = 'fields' in node ? (node.fields ?? []) : [];
  const values = 'values' in node ? (node.values ?? []) : [];
  for (const member of [...fields, ...values]) {
    const coordinate = `${type}.${member.name.value}`;
    add(coordinate, member);
    const args = 'arguments' in member ? (member.arguments ?? []) : [];
    args.forEach((argument) => add(`${coordinate}(${argument.name.value}:)`, argument));
  }
}
