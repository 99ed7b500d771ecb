import type { PasswordPolicy, PasswordProblem } from './policy.ts';
import type { PasswordOwner } from './personal-words.ts';

/** All that is wrong with a password that somebody wants to choose; empty if it may be chosen. */
export type CheckPassword = (password: string, owner: PasswordOwner) => Promise<readonly PasswordProblem[]>;

/** Checks passwords by the policy, whose dictionary is loaded with the first one: it would hold up the start. */
export function createPasswordCheck(options: { readonly serviceName: string }): CheckPassword {
  let loading: Promise<PasswordPolicy> | null = null;
  const load = async (): Promise<PasswordPolicy> => {
    const { createPasswordPolicy } = await import('./policy.ts');
    return createPasswordPolicy(options);
  };
  return async (password, owner) => (await (loading ??= load())).problems(password, owner);
}
