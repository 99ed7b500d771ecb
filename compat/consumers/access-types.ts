/** A role of the schema. */
export type Role = 'ADMIN' | 'EDITOR';

/** A permission that satisfies a requirement. */
export type Permission = 'stats:read';

/** A policy function that a requirement names. */
export type PolicyName = 'mine';

/** A field, argument, input field or enum value of the schema. */
export type Coordinate = 'Query.open' | 'Query.own' | 'Query.stats' | 'Role.ADMIN' | 'Role.EDITOR';
