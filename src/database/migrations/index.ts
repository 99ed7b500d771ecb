import type { Constructor } from '@mikro-orm/core';
import type { Migration } from '@mikro-orm/migrations';
import { Foundation } from './0001-foundation.ts';
import { Sessions } from './0002-sessions.ts';
import { Audit } from './0003-audit.ts';
import { Administration } from './0004-administration.ts';
import { Inventory } from './0005-inventory.ts';
import { Documents } from './0006-documents.ts';
import { Search } from './0007-search.ts';
import { SearchColumns } from './0008-search-columns.ts';
import { Identity } from './0009-identity.ts';
import { Permissions } from './0010-permissions.ts';
import { StockRights } from './0011-stock-rights.ts';
import { AccountDetails } from './0012-account-details.ts';
import { FoldedSearch } from './0013-folded-search.ts';
import { TrustedDocuments } from './0014-trusted-documents.ts';
import { SecondFactors } from './0015-second-factors.ts';
import { MailedTokens } from './0016-mailed-tokens.ts';
import { Passkeys } from './0017-passkeys.ts';
import { IssuerSignIns } from './0018-issuer-sign-ins.ts';
import { Webhooks } from './0019-webhooks.ts';
import { LiveEvents } from './0020-live-events.ts';

/** Every migration, oldest first. The names are what the database remembers: never rename one that was released. */
export const migrationsList: { name: string; class: Constructor<Migration> }[] = [
  { name: '0001-foundation', class: Foundation },
  { name: '0002-sessions', class: Sessions },
  { name: '0003-audit', class: Audit },
  { name: '0004-administration', class: Administration },
  { name: '0005-inventory', class: Inventory },
  { name: '0006-documents', class: Documents },
  { name: '0007-search', class: Search },
  { name: '0008-search-columns', class: SearchColumns },
  { name: '0009-identity', class: Identity },
  { name: '0010-permissions', class: Permissions },
  { name: '0011-stock-rights', class: StockRights },
  { name: '0012-account-details', class: AccountDetails },
  { name: '0013-folded-search', class: FoldedSearch },
  { name: '0014-trusted-documents', class: TrustedDocuments },
  { name: '0015-second-factors', class: SecondFactors },
  { name: '0016-mailed-tokens', class: MailedTokens },
  { name: '0017-passkeys', class: Passkeys },
  { name: '0018-issuer-sign-ins', class: IssuerSignIns },
  { name: '0019-webhooks', class: Webhooks },
  { name: '0020-live-events', class: LiveEvents },
];
