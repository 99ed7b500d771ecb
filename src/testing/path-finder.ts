import { getNamedType, type GraphQLSchema, isAbstractType, isObjectType, OperationTypeNode } from 'graphql';
import type { SuppliedArgument } from './values.ts';

/** One field on the path to a target. */
export interface Step {
  /** The object type that has the field. */
  readonly type: string;
  readonly field: string;
  /** The object type that it returns; null for a leaf. */
  readonly returns: string | null;
  readonly supplied: readonly SuppliedArgument[];
}

/** A path from a root type to a field, the field included. */
export interface FieldPath {
  readonly operation: OperationTypeNode;
  readonly steps: readonly Step[];
  /** The arguments of the last field where it is selected again under other response keys. */
  readonly beside?: readonly SuppliedArgument[];
}

/** Finds paths through a schema. */
export interface PathFinder {
  /** The fields of all object types, once for each type that they may return. */
  readonly steps: readonly Step[];
  /** Returns the shortest paths to every object type that such steps lead to, without a field of the type itself. */
  shortest(roots: readonly OperationTypeNode[], mayTake: (step: Step) => boolean): ReadonlyMap<string, FieldPath>;
  /** Returns paths to a step: from every parent that leads to its type, and from every kind of operation. */
  pathsTo(target: Step, preferred: ReadonlyMap<string, FieldPath>): FieldPath[];
}

const OPERATIONS = [OperationTypeNode.QUERY, OperationTypeNode.MUTATION, OperationTypeNode.SUBSCRIPTION] as const;

/**
 * Creates a path finder.
 *
 * @param suppliedFor returns the arguments that a field must be supplied with
 */
export function createPathFinder(
  schema: GraphQLSchema,
  suppliedFor: (type: string, field: string) => readonly SuppliedArgument[],
): PathFinder {
  const steps = stepsOf(schema, suppliedFor);
  const byParent = groupBy(steps, ({ type }) => type);
  const leadingTo = groupBy(steps, ({ returns }) => returns ?? '');
  const shortest: PathFinder['shortest'] = (roots, mayTake) => {
    const found = new Map<string, FieldPath>();
    for (const operation of roots) {
      const root = schema.getRootType(operation);
      if (root) {
        found.set(root.name, { operation, steps: [] });
      }
    }
    for (const [type, { operation, steps }] of found) {
      for (const step of byParent.get(type) ?? []) {
        if (step.returns !== null && !found.has(step.returns) && mayTake(step)) {
          found.set(step.returns, { operation, steps: [...steps, step] });
        }
      }
    }
    return found;
  };
  const everywhere = shortest(OPERATIONS, () => true);
  const byOperation = OPERATIONS.map((operation) => shortest([operation], () => true));
  return {
    steps,
    shortest,
    pathsTo: (target, preferred) => {
      const roots = OPERATIONS.filter((operation) => schema.getRootType(operation)?.name === target.type);
      const parents = (leadingTo.get(target.type) ?? []).flatMap((step) => {
        const path = preferred.get(step.type) ?? everywhere.get(step.type);
        return path === undefined ? [] : [{ ...path, steps: [...path.steps, step] }];
      });
      const further = byOperation.flatMap((paths) => paths.get(target.type) ?? []);
      const starts = [...roots.map((operation) => ({ operation, steps: [] })), ...parents, ...further];
      return unique(starts.map(({ operation, steps }) => ({ operation, steps: [...steps, target] })));
    },
  };
}

function stepsOf(
  schema: GraphQLSchema,
  suppliedFor: (type: string, field: string) => readonly SuppliedArgument[],
): Step[] {
  const objects = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type));
  const own = objects.filter(({ name }) => !name.startsWith('__'));
  return own.flatMap((type) =>
    Object.values(type.getFields()).flatMap((field) => {
      const supplied = suppliedFor(type.name, field.name);
      const returned = getNamedType(field.type);
      const members = isAbstractType(returned) ? schema.getPossibleTypes(returned) : [returned];
      return members.map((member) => {
        return { type: type.name, field: field.name, returns: isObjectType(member) ? member.name : null, supplied };
      });
    }),
  );
}

function groupBy(steps: readonly Step[], keyOf: (step: Step) => string): ReadonlyMap<string, readonly Step[]> {
  return Map.groupBy(steps, keyOf);
}

function unique(paths: readonly FieldPath[]): FieldPath[] {
  return [...new Map(paths.map((path) => [pathKey(path), path])).values()];
}

function pathKey({ operation, steps }: FieldPath): string {
  return `${operation} ${steps.map(({ type, field, returns }) => `${type}.${field}:${returns ?? ''}`).join(' ')}`;
}
