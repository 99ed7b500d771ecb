import type { PasswordOwner, PasswordPolicy, PasswordProblem } from './policy.ts';

/** Returns every problem of a password that a user wants to choose; empty if it may be chosen. */
export type CheckPassword = (password: string, owner: PasswordOwner) => Promise<readonly PasswordProblem[]>;

/** Creates a check by the password policy. Its dictionary is loaded with the first password, since it is slow to load. */
export function createPasswordCheck(options: { readonly serviceName: string }): CheckPassword {
  let loading: Promise<PasswordPolicy> | null = null;
  const load = async (): Promise<PasswordPolicy> => {
    const { createPasswordPolicy } = await import('./policy.ts');
    return createPasswordPolicy(options);
  };
  return async (password, owner) => (await (loading ??= load())).problems(password, owner);
}
