import { getNamedType, type GraphQLNamedType, type GraphQLSchema, isAbstractType, isInterfaceType } from 'graphql';
import type { Usages } from '../read/usages.ts';
import { type ConnectionRole, type FieldsType, hasFields } from './connections.ts';
import { isFederationField } from './federation.ts';
import { type Requirement, requirementKey, judgedAt, withoutObject } from './requirements.ts';
import { sortedBy } from './policy-error.ts';

/** The parts from which the requirements of a schema are built. */
export interface PolicyBuild {
  readonly schema: GraphQLSchema;
  readonly usages: Usages;
  readonly connections: ReadonlyMap<string, ConnectionRole>;
  /** The fields that are denied to every viewer, since they have no decision. */
  readonly denied: ReadonlySet<string>;
  /** The requirements of types that have been built already. */
  readonly built: Map<string, readonly Requirement[]>;
}

/**
 * Returns the requirements of a type: its own, those of its interfaces, and for a connection or an edge those of the
 * node.
 */
export function typeRequirements(build: PolicyBuild, type: GraphQLNamedType): readonly Requirement[] {
  const requirements = build.built.get(type.name) ?? buildType(build, type);
  build.built.set(type.name, requirements);
  return requirements;
}

function buildType(build: PolicyBuild, type: GraphQLNamedType): Requirement[] {
  const chain = [type];
  for (const { name } of chain) {
    const node = build.connections.get(name)?.node;
    if (node !== undefined && !chain.includes(node)) {
      chain.push(node);
    }
  }
  const [own = [], ...nodes] = chain.map((link) => ownTypeRequirements(build, link));
  return sortRequirements([...own, ...nodes.flat().map((requirement) => judgedAt(requirement, 'rows'))]);
}

/**
 * Returns all requirements of a field: its own, those of its interfaces, of its type, of the type it returns, and of
 * what it reads.
 */
export function fieldRequirements(build: PolicyBuild, type: FieldsType, field: string): Requirement[] {
  const coordinates = inheritedFrom(type, field);
  const reads = coordinates.flatMap((coordinate) => build.usages.get(coordinate)?.reads ?? []);
  return sortRequirements([...plainFieldRequirements(build, type, field), ...revealedRequirements(build, reads)]);
}

/** Returns the requirements that supplying an argument adds to those of its field. */
export function argumentRequirements(
  build: PolicyBuild,
  type: FieldsType,
  field: string,
  argument: string,
): Requirement[] {
  const coordinates = inheritedFrom(type, field).map((coordinate) => `${coordinate}(${argument}:)`);
  return sortRequirements(coordinates.flatMap((coordinate) => inputRequirements(build, coordinate)));
}

/** Returns the requirements of an input field or an enum value. */
export function inputRequirements(build: PolicyBuild, coordinate: string): Requirement[] {
  const reads = build.usages.get(coordinate)?.reads ?? [];
  const own = requiredAt(build, coordinate, '').map((requirement) => judgedAt(requirement, 'parent'));
  return sortRequirements([...own, ...revealedRequirements(build, reads)]);
}

/** Returns the requirements of the objects that a connection counts; only roles and permissions can satisfy them. */
function countRequirements(build: PolicyBuild, node: GraphQLNamedType): Requirement[] {
  const members = isAbstractType(node) ? build.schema.getPossibleTypes(node) : [];
  return [node, ...members].flatMap((type) => typeRequirements(build, type)).map(withoutObject);
}

function ownTypeRequirements(build: PolicyBuild, type: GraphQLNamedType): Requirement[] {
  const interfaces = hasFields(type) ? type.getInterfaces() : [];
  return [type, ...interfaces].flatMap(({ name }) => requiredAt(build, name, type.name));
}

function plainFieldRequirements(build: PolicyBuild, type: FieldsType, field: string): Requirement[] {
  const returned = type.getFields()[field];
  const own = inheritedFrom(type, field).flatMap((coordinate) => requiredAt(build, coordinate, type.name));
  const result = returned === undefined ? [] : typeRequirements(build, getNamedType(returned.type));
  const role = build.connections.get(type.name);
  if (isFederationField(build.schema, type.name, field)) {
    return [];
  }
  return [
    ...own.map((requirement) => judgedAt(requirement, 'parent')),
    ...(build.denied.has(`${type.name}.${field}`) ? [deniedAlways(`${type.name}.${field}`)] : []),
    ...typeRequirements(build, type).map((requirement) => judgedAt(requirement, 'parent')),
    ...result.map((requirement) => judgedAt(requirement, 'result')),
    ...(role?.kind === 'connection' && field === 'totalCount' ? countRequirements(build, role.node) : []),
  ];
}

/**
 * Returns the requirements of everything that the named fields reveal: for the field of an interface also those of its
 * implementers, and of what these fields read in turn. Owners and policies satisfy none of them, since no object is at hand.
 */
function revealedRequirements(build: PolicyBuild, coordinates: readonly string[]): Requirement[] {
  const revealed = new Set(coordinates);
  const requirements: Requirement[] = [];
  for (const coordinate of revealed) {
    const [typeName = '', field = ''] = coordinate.split('.');
    const type = build.schema.getType(typeName);
    if (hasFields(type)) {
      requirements.push(...plainFieldRequirements(build, type, field).map(withoutObject));
      const implementers = isInterfaceType(type) ? build.schema.getPossibleTypes(type) : [];
      const further = inheritedFrom(type, field).flatMap((from) => build.usages.get(from)?.reads ?? []);
      for (const next of [...implementers.map(({ name }) => `${name}.${field}`), ...further]) {
        revealed.add(next);
      }
    }
  }
  return requirements;
}

function requiredAt(build: PolicyBuild, coordinate: string, type: string): Requirement[] {
  const auth = build.usages.get(coordinate)?.auth ?? [];
  return auth.map(({ roles, permissions, owners, policies, signedIn }) => ({
    roles,
    permissions,
    owners: owners.map((path) => ({ type, path: path.split('.') })),
    policies,
    signedIn,
    site: owners.length + policies.length > 0 ? 'result' : null,
    from: coordinate,
  }));
}

/** Returns a requirement that no viewer satisfies. */
function deniedAlways(from: string): Requirement {
  return { roles: [], permissions: [], owners: [], policies: [], signedIn: false, site: null, from };
}

/** Returns the coordinates at which a type and its interfaces may define the field. */
function inheritedFrom(type: FieldsType, field: string): string[] {
  return [type, ...type.getInterfaces()].map(({ name }) => `${name}.${field}`);
}

/** Sorts requirements in an order that does not depend on where they were found, and removes duplicates. */
export function sortRequirements(requirements: readonly Requirement[]): Requirement[] {
  return sortedBy(
    new Map(requirements.map((requirement) => [requirementKey(requirement), requirement])).values(),
    requirementKey,
  );
}
