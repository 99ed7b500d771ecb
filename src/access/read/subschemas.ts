import { type GraphQLSchema, isSchema } from 'graphql';
import type { Report } from '../policy/policy-error.ts';
import { isRecord } from '../values.ts';
import { schemaElements } from './elements.ts';
import type { Placement } from './placement.ts';
import { readUsages, type Usages } from './usages.ts';

/** The name under which a guarded schema keeps its policy in `extensions`. */
export const GUARDED = 'rolegate';

/**
 * Reports the requirements that a stitched schema has lost: where several subschemas define one coordinate,
 * `stitchSchemas` takes the definition of the last one. Guarded subschemas enforce their requirements by themselves.
 */
export function checkSubschemas(placement: Placement, usages: Usages, report: Report): void {
  const subschemas = unguardedSubschemas(placement.schema);
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
    .filter(([coordinate, { auth, reads }]) => {
      const known = kept.get(coordinate);
      const keys = new Set(known?.auth.map((usage) => JSON.stringify(usage)));
      return (
        auth.some((usage) => !keys.has(JSON.stringify(usage))) || reads.some((read) => !known?.reads.includes(read))
      );
    })
    .map(([coordinate]) => coordinate);
}

/** Returns the subschemas that graphql-tools has stitched to this schema, as far as they are not guarded. */
function unguardedSubschemas({ extensions }: GraphQLSchema): GraphQLSchema[] {
  const info: unknown = extensions['stitchingInfo'];
  const subschemas: unknown = isRecord(info) ? info['subschemaMap'] : undefined;
  return subschemas instanceof Map
    ? [...subschemas.values()].flatMap((subschema: unknown) => {
        const { schema, transformedSchema }: Readonly<Record<string, unknown>> = isRecord(subschema) ? subschema : {};
        const visible = transformedSchema ?? schema;
        return isSchema(schema) && isSchema(visible) && !(GUARDED in schema.extensions) ? [visible] : [];
      })
    : [];
}
