export {
  explainAccess,
  type ExplainedCoordinate,
  type ExplainedRequirement,
  type Explanation,
  type ExplainOptions,
} from './explain/explain.ts';
export { authDirectives } from './directives.ts';
export type { MissingGrant } from './explain/remedies.ts';
export { OperationError } from './explain/touched.ts';
export { assertGuarded, type GuardAnswers, guardAnswersOf, policyOf } from './guard/attached.ts';
export { type Precheck, precheckOf } from './guard/fields.ts';
export { guardSchema, type GuardOptions } from './guard/guard-schema.ts';
export type { PolicyFunction, PolicyInput } from './guard/objects.ts';
export type { Denial } from './guard/requests.ts';
export { diffMatrices, type MatrixChange, overallDirection } from './matrix/diff.ts';
export { matrixCsv, matrixJson, matrixMarkdown, parseMatrix } from './matrix/formats.ts';
export {
  type AccessMatrix,
  accessMatrix,
  type MatrixColumn,
  type MatrixOptions,
  type MatrixRow,
  type ReviewedMatrix,
  type ReviewedRow,
  type RolePermissions,
} from './matrix/matrix.ts';
export { policyTypes } from './matrix/policy-types.ts';
export { type RolegatePlugin, type RolegatePluginOptions, useRolegate } from './plugins/envelop.ts';
export { verdictOn, type VerdictOptions, verdictsOn, type VerdictsOptions } from './guard/verdict-on.ts';
export type { Verdict } from './policy/judge.ts';
export { PolicyError, type Problem } from './policy/policy-error.ts';
export { type Policy, type PolicyOptions, readPolicy } from './policy/policy.ts';
export {
  describeRequirement,
  type OwnerAlternative,
  type Requirement,
  type RequirementSite,
} from './policy/requirements.ts';
export type { RoleClosure } from './policy/roles.ts';
export type { Member, Rule } from './policy/table.ts';
export type { AccessViewer } from './policy/viewer.ts';
export type { PolicySource } from './read/load.ts';
export type { DirectiveNames } from './read/vocabulary.ts';
export { authTypeDefs, authTypeDefsFor } from './type-defs.ts';
export { visibleSchema, type VisibleSchemaOptions } from './visible/prune.ts';
