/**
 * The row scopes of the migrations 0001 to 0009: a database role for each combination of users and accounts. Migration
 * 0010 replaces them, and keeps the roles for replicas of an earlier release. Never change what is written here.
 */
const PUBLIC = 'rolegate_public';

const signedIn = ['self', 'account', 'all'].flatMap((users) =>
  ['own', 'all'].map((accounts) => ({ name: `rolegate_${users}_${accounts}`, users, accounts })),
);

function rolesWhere(matches: (role: { readonly users: string; readonly accounts: string }) => boolean): string[] {
  return signedIn.filter(matches).map((role) => role.name);
}

export const firstScopes = {
  public: [PUBLIC],
  signedIn: rolesWhere(() => true),
  usersSelf: rolesWhere((role) => role.users === 'self'),
  usersOfAccount: rolesWhere((role) => role.users === 'account'),
  usersAll: rolesWhere((role) => role.users === 'all'),
  usersOfOthers: rolesWhere((role) => role.users !== 'self'),
  accountsOwn: rolesWhere((role) => role.accounts === 'own'),
  accountsAll: rolesWhere((role) => role.accounts === 'all'),
};

/** Every role of viewers and of the server at that time. */
export const firstRoles: readonly string[] = [
  ...firstScopes.public,
  ...firstScopes.signedIn,
  'rolegate_auth',
  'rolegate_system',
];
