export { attackSchema } from './attack-schema.ts';
export { attackServer, type Operation, type ServerAttackOptions, type ServerAttackReport } from './attack-server.ts';
export type { AttackContext, AttackOptions, GuardUnderAttack } from './suite.ts';
export type { AttackFailure, AttackReport } from './report.ts';
export type { SampleValues } from './values.ts';
