import { DateTimeResolver, EmailAddressResolver } from 'graphql-scalars';
import { type Account, listAccounts } from './rows.ts';
import type { Viewer } from './viewer.ts';

/** The context of resolvers. */
export interface Context {
  readonly viewer: Viewer | null;
}

/** The part of Rolegate's schema that is asked for, each field with a door: `door` writes the peer's directive. */
export function typeDefsWith(door: (role: 'DEVELOPER' | 'STANDARD') => string): string {
  return `
    scalar DateTime
    scalar EmailAddress
    enum Role { DEVELOPER STANDARD GUEST }
    enum AccountStatus { ACTIVE SUSPENDED CLOSED }
    type Account {
      id: ID! ${door('STANDARD')}
      name: String! ${door('STANDARD')}
      status: AccountStatus! ${door('STANDARD')}
      billingEmail: EmailAddress ${door('DEVELOPER')}
      createdAt: DateTime ${door('DEVELOPER')}
      updatedAt: DateTime ${door('DEVELOPER')}
      version: Int ${door('DEVELOPER')}
    }
    type AccountConnection { nodes: [Account] }
    type Query { accounts(first: Int): AccountConnection ${door('DEVELOPER')} }
  `;
}

const scalars = { DateTime: DateTimeResolver, EmailAddress: EmailAddressResolver };

export const resolvers = {
  ...scalars,
  Query: {
    async accounts(_: unknown, { first }: { first: number }, { viewer }: Context): Promise<{ nodes: Account[] }> {
      return { nodes: await listAccounts(viewer?.id ?? '', first) };
    },
  },
};
