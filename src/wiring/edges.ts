import type { ApolloServerPlugin } from '@apollo/server';
import type { Logger } from 'pino';
import type { PasswordHasher } from '../auth/passwords/hashing.ts';
import type { Mailer } from '../auth/registration/mail.ts';
import type { RequestContext } from '../context.ts';
import type { Database } from '../database/database.ts';
import type { Progress } from '../database/migrate.ts';

/** The dependencies that the edges of the process hand in. */
export interface AppEdges {
  readonly log: Logger;
  readonly progress: Progress;
  readonly now: () => Date;
  /** Opens the database instead of what the configuration names: for tests. */
  readonly openDatabase?: () => Promise<Database>;
  readonly hasher?: PasswordHasher;
  readonly mailer?: Mailer;
  /** The Apollo Server plugins, instead of those in `plugins.ts`: for tests. */
  readonly plugins?: ApolloServerPlugin<RequestContext>[];
  /** The interval in which the audit trail is sealed, in milliseconds, instead of the usual one: for tests. */
  readonly sealInterval?: number;
  /** The interval in which events are posted to webhooks, in milliseconds, instead of the usual one: for tests. */
  readonly webhookInterval?: number;
}
