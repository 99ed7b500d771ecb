export { attackSchema } from './attack-schema.ts';
export type { AttackContext, AttackOptions, GuardUnderAttack } from './campaign.ts';
export type { AttackFailure, AttackReport } from './report.ts';
export type { SampleValues } from './values.ts';
