import { getNamedType, type GraphQLSchema, isAbstractType, isObjectType, OperationTypeNode } from 'graphql';
import type { Given } from './values.ts';

/** One field on the way to a target. */
export interface Step {
  /** The object type that has the field. */
  readonly type: string;
  readonly field: string;
  /** The object type of what it returns; null for a leaf. */
  readonly returns: string | null;
  readonly given: readonly Given[];
}

/** A way from a root type to a field, the field included. */
export interface Route {
  readonly operation: OperationTypeNode;
  readonly steps: readonly Step[];
  /** What the last field is given where it stands beside itself, under other response keys. */
  readonly beside?: readonly Given[];
}

/** The ways through a schema. */
export interface Atlas {
  /** The fields of all object types, once for each type that they may return. */
  readonly steps: readonly Step[];
  /** The shortest ways to every object type that can be reached by such steps, the type's own fields left out. */
  shortest(roots: readonly OperationTypeNode[], mayTake: (step: Step) => boolean): ReadonlyMap<string, Route>;
  /** Ways to a step: from every parent that leads to its type, and from every kind of operation. */
  routesTo(target: Step, preferred: ReadonlyMap<string, Route>): Route[];
}

const OPERATIONS = [OperationTypeNode.QUERY, OperationTypeNode.MUTATION, OperationTypeNode.SUBSCRIPTION] as const;

/** @param givenFor tells what a field must be given */
export function createAtlas(schema: GraphQLSchema, givenFor: (type: string, field: string) => readonly Given[]): Atlas {
  const steps = stepsOf(schema, givenFor);
  const byParent = groupBy(steps, ({ type }) => type);
  const leadingTo = groupBy(steps, ({ returns }) => returns ?? '');
  const shortest: Atlas['shortest'] = (roots, mayTake) => {
    const found = new Map<string, Route>();
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
    routesTo: (target, preferred) => {
      const roots = OPERATIONS.filter((operation) => schema.getRootType(operation)?.name === target.type);
      const parents = (leadingTo.get(target.type) ?? []).flatMap((step) => {
        const route = preferred.get(step.type) ?? everywhere.get(step.type);
        return route === undefined ? [] : [{ ...route, steps: [...route.steps, step] }];
      });
      const further = byOperation.flatMap((routes) => routes.get(target.type) ?? []);
      const starts = [...roots.map((operation) => ({ operation, steps: [] })), ...parents, ...further];
      return unique(starts.map(({ operation, steps }) => ({ operation, steps: [...steps, target] })));
    },
  };
}

function stepsOf(schema: GraphQLSchema, givenFor: (type: string, field: string) => readonly Given[]): Step[] {
  const objects = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type));
  const own = objects.filter(({ name }) => !name.startsWith('__'));
  return own.flatMap((type) =>
    Object.values(type.getFields()).flatMap((field) => {
      const given = givenFor(type.name, field.name);
      const returned = getNamedType(field.type);
      const members = isAbstractType(returned) ? schema.getPossibleTypes(returned) : [returned];
      return members.map((member) => {
        return { type: type.name, field: field.name, returns: isObjectType(member) ? member.name : null, given };
      });
    }),
  );
}

function groupBy(steps: readonly Step[], keyOf: (step: Step) => string): ReadonlyMap<string, readonly Step[]> {
  return Map.groupBy(steps, keyOf);
}

function unique(routes: readonly Route[]): Route[] {
  return [...new Map(routes.map((route) => [routeKey(route), route])).values()];
}

function routeKey({ operation, steps }: Route): string {
  return `${operation} ${steps.map(({ type, field, returns }) => `${type}.${field}:${returns ?? ''}`).join(' ')}`;
}
