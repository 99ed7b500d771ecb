import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { Account as AccountRow, ApiKey as ApiKeyRow, AuditEvent as AuditEventRow, Document as DocumentRow, InventoryItem as InventoryItemRow, Role as RoleRow, Session as SessionRow, User as UserRow, Webhook as WebhookRow, WebhookDelivery as WebhookDeliveryRow } from '../database/entities/index.ts';
import type { AccountConnection as AccountConnectionRow } from '../modules/accounts/service.ts';
import type { ApiKeyConnection as ApiKeyConnectionRow, SessionConnection as SessionConnectionRow } from '../modules/sessions/service.ts';
import type { AuditEventConnection as AuditEventConnectionRow } from '../modules/audit/service.ts';
import type { DocumentChange as DocumentChangeRow } from '../modules/documents/live.ts';
import type { DocumentConnection as DocumentConnectionRow } from '../modules/documents/service.ts';
import type { InventoryChange as InventoryChangeRow } from '../modules/inventory/live.ts';
import type { InventoryItemConnection as InventoryItemConnectionRow } from '../modules/inventory/service.ts';
import type { Exclusion as ExclusionRow } from '../auth/role-graph.ts';
import type { RoleConnection as RoleConnectionRow } from '../modules/roles/service.ts';
import type { SignIn as SignInRow } from '../auth/sessions/refresh.ts';
import type { UserConnection as UserConnectionRow } from '../modules/users/service.ts';
import type { RequestContext } from '../context.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** A date with a time, as RFC 3339 text in UTC. */
  DateTime: { input: Date; output: Date; }
  /** An e-mail address (RFC 5321). */
  EmailAddress: { input: string; output: string; }
  /** An International Bank Account Number (ISO 13616). */
  IBAN: { input: string; output: string; }
  /** Any JSON value (RFC 8259). */
  JSON: { input: unknown; output: unknown; }
  /** A telephone number with its country code: `+` and 7 to 15 digits (E.164). */
  PhoneNumber: { input: string; output: string; }
  /** The name of a built-in or added role, as an enum literal (`ADMIN`) or a string (`"ADMIN"`). */
  RoleName: { input: string; output: string; }
};

export type AcceptInvitationInput = {
  displayName: Scalars['String']['input'];
  password: Scalars['String']['input'];
  /** The token from the mail. */
  token: Scalars['String']['input'];
  /** 2 to 40 of the characters a-z, 0-9, `.`, `_` and `-`. */
  username: Scalars['String']['input'];
};

/** The verdict on an operation, with the verdict on each of its coordinates. */
export type AccessExplanation = {
  __typename?: 'AccessExplanation';
  /** True if nothing in the operation is denied, for any object. */
  allowed: Scalars['Boolean']['output'];
  coordinates: Array<ExplainedCoordinate>;
};

/** The access matrix: one row for each coordinate of the schema, one column for each role. */
export type AccessMatrix = {
  __typename?: 'AccessMatrix';
  /** `anonymous`, then the roles, then `draft` if one is given. Each role includes the roles it inherits. */
  columns: Array<Scalars['String']['output']>;
  rows: Array<AccessMatrixRow>;
};

/** The verdicts on one coordinate. */
export type AccessMatrixRow = {
  __typename?: 'AccessMatrixRow';
  /** One verdict for each column. */
  cells: Array<AccessVerdict>;
  /** `Type.field`, `Type.field(argument:)`, `Input.field` or `Enum.VALUE`. */
  coordinate: Scalars['String']['output'];
  /** @deprecated Use requirements. */
  doors: Scalars['String']['output'];
  /** The requirements, in words. */
  requirements: Scalars['String']['output'];
};

/** A verdict on a coordinate or a requirement. */
export type AccessVerdict =
  /** A policy function of the server decides, by the object or the arguments. */
  | 'DEPENDS'
  /** Denied. */
  | 'NO'
  /** Allowed for objects that the viewer owns. */
  | 'OWN'
  /** Allowed. */
  | 'YES';

/** A customer: the tenant that users belong to. Every member may read its id, name and status. */
export type Account = {
  __typename?: 'Account';
  /** The e-mail address that invoices are sent to. */
  billingEmail?: Maybe<Scalars['EmailAddress']['output']>;
  createdAt?: Maybe<Scalars['DateTime']['output']>;
  /** The purpose of the account. At most 2,000 characters. */
  description?: Maybe<Scalars['String']['output']>;
  /** The bank account that is debited (ISO 13616). */
  iban?: Maybe<Scalars['IBAN']['output']>;
  id: Scalars['ID']['output'];
  name: Scalars['String']['output'];
  /** A telephone number (E.164). */
  phone?: Maybe<Scalars['PhoneNumber']['output']>;
  status: AccountStatus;
  updatedAt?: Maybe<Scalars['DateTime']['output']>;
  /** The users of the account that the viewer may see. */
  users?: Maybe<UserConnection>;
  version?: Maybe<Scalars['Int']['output']>;
};


/** A customer: the tenant that users belong to. Every member may read its id, name and status. */
export type AccountUsersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<UserFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<UserOrder>;
};

export type AccountConnection = {
  __typename?: 'AccountConnection';
  edges?: Maybe<Array<AccountEdge>>;
  nodes?: Maybe<Array<Maybe<Account>>>;
  pageInfo: PageInfo;
  totalCount?: Maybe<Scalars['Int']['output']>;
};

export type AccountEdge = {
  __typename?: 'AccountEdge';
  cursor: Scalars['String']['output'];
  node?: Maybe<Account>;
};

export type AccountFilter = {
  /** Matches a part of the name, ignoring case. */
  search?: InputMaybe<Scalars['String']['input']>;
  status?: InputMaybe<AccountStatus>;
};

export type AccountOrder = {
  direction: OrderDirection;
  field: AccountOrderField;
};

export type AccountOrderField =
  | 'CREATED_AT'
  | 'NAME';

/** The state of an account. */
export type AccountStatus =
  | 'ACTIVE'
  | 'CLOSED'
  | 'SUSPENDED';

export type AddInventoryItemInput = {
  /** At most 16 KiB as JSON, with a `count`. */
  data: Scalars['JSON']['input'];
  /** At most 200 characters. */
  name: Scalars['String']['input'];
};

/** A new passkey. */
export type AddedPasskey = {
  __typename?: 'AddedPasskey';
  /** Recovery codes, shown only once, if it is the viewer's first second factor. Null in any other case. */
  codes?: Maybe<Array<Scalars['String']['output']>>;
  passkey?: Maybe<Passkey>;
};

/** A credential for programs. It acts as its owner, with at most the roles and permissions listed here. */
export type ApiKey = {
  __typename?: 'ApiKey';
  createdAt: Scalars['DateTime']['output'];
  /** The time at which the key expires. Null if it is valid until it is revoked. */
  expiresAt?: Maybe<Scalars['DateTime']['output']>;
  id: Scalars['ID']['output'];
  /** The time of the last use, to the minute. Null if the key has never been used. */
  lastUsedAt?: Maybe<Scalars['DateTime']['output']>;
  name: Scalars['String']['output'];
  permissions: Array<Scalars['String']['output']>;
  roles: Array<Scalars['RoleName']['output']>;
};

export type ApiKeyConnection = {
  __typename?: 'ApiKeyConnection';
  edges?: Maybe<Array<ApiKeyEdge>>;
  nodes?: Maybe<Array<Maybe<ApiKey>>>;
  pageInfo: PageInfo;
  totalCount?: Maybe<Scalars['Int']['output']>;
};

export type ApiKeyEdge = {
  __typename?: 'ApiKeyEdge';
  cursor: Scalars['String']['output'];
  node?: Maybe<ApiKey>;
};

/**
 * An entry of the audit trail: actor, action, target, time and network address. Events hold ids, never names or e-mail
 * addresses, and are never changed.
 */
export type AuditEvent = {
  __typename?: 'AuditEvent';
  /** The action, for example `login.failed` or `role.assigned`. */
  action: Scalars['String']['output'];
  /** The id of the user who acted. Null for an anonymous viewer and for the server itself. */
  actor?: Maybe<Scalars['ID']['output']>;
  /** The user who acted. Null if there is none, or if the user has been removed. */
  actorUser?: Maybe<User>;
  /** The network address of the client. Null if no request caused the event. */
  address?: Maybe<Scalars['String']['output']>;
  at: Scalars['DateTime']['output'];
  /** The number of occurrences. Equal denials within a minute are counted in one event. */
  count: Scalars['Int']['output'];
  /** Further ids, numbers, and names of roles, permissions and fields. */
  details: Scalars['JSON']['output'];
  id: Scalars['ID']['output'];
  /** True once the event is part of the sealed chain, where a removal or a change is detected. */
  sealed: Scalars['Boolean']['output'];
  /** The object acted on: an id, a role name, or a field coordinate. Null if the action has no single object. */
  target?: Maybe<Scalars['ID']['output']>;
  /** The kind of target: `user`, `account`, `role`, `session`, `apiKey`, `inventoryItem`, `document`, `field`, `audit` or `webhook`. */
  targetType?: Maybe<Scalars['String']['output']>;
};

export type AuditEventConnection = {
  __typename?: 'AuditEventConnection';
  edges?: Maybe<Array<AuditEventEdge>>;
  nodes?: Maybe<Array<Maybe<AuditEvent>>>;
  pageInfo: PageInfo;
  totalCount?: Maybe<Scalars['Int']['output']>;
};

export type AuditEventEdge = {
  __typename?: 'AuditEventEdge';
  cursor: Scalars['String']['output'];
  node?: Maybe<AuditEvent>;
};

export type AuditEventFilter = {
  /** An action, or with a trailing `*` every action with this prefix: `login.*`. */
  action?: InputMaybe<Scalars['String']['input']>;
  /** The id of the user who acted. */
  actor?: InputMaybe<Scalars['ID']['input']>;
  /** At this time or later. */
  from?: InputMaybe<Scalars['DateTime']['input']>;
  /** Matches a part of the action (ignoring case), the beginning of the target, or the complete id of event, actor or target. */
  search?: InputMaybe<Scalars['String']['input']>;
  target?: InputMaybe<Scalars['ID']['input']>;
  targetType?: InputMaybe<Scalars['String']['input']>;
  /** Before this time. */
  to?: InputMaybe<Scalars['DateTime']['input']>;
};

export type AuditEventOrder = {
  direction: OrderDirection;
  field: AuditEventOrderField;
};

export type AuditEventOrderField =
  | 'AT';

/** The result of a verification of the sealed chain. */
export type AuditVerification = {
  __typename?: 'AuditVerification';
  /** False if the time limit of 3 seconds ended the verification before the last seal. `npm run audit -- verify` has no limit. */
  complete: Scalars['Boolean']['output'];
  /** The differences from what was sealed, at most 20. */
  damage: Array<Scalars['String']['output']>;
  /** The number of events that they cover. */
  events: Scalars['Int']['output'];
  /** The last verified seal, as `number:hash`. Stored elsewhere, it proves later whether the end of the trail was cut off. */
  head: Scalars['String']['output'];
  /** True if everything that was verified is as it was sealed. */
  intact: Scalars['Boolean']['output'];
  /** The number of seals that were verified. */
  seals: Scalars['Int']['output'];
  /** The number of events that no seal covers yet. */
  unsealed: Scalars['Int']['output'];
};

/** A sign-in at an external issuer that was begun. The response sets a cookie, without which no browser can finish it. */
export type BegunSignIn = {
  __typename?: 'BegunSignIn';
  /** The URL at the issuer to send the browser to, within ten minutes. */
  url: Scalars['String']['output'];
};

/** The kind of a change. */
export type ChangeKind =
  | 'CREATED'
  | 'DELETED'
  | 'UPDATED';

/** The verdict on one coordinate for the viewer. */
export type CoordinateVerdict = {
  __typename?: 'CoordinateVerdict';
  coordinate: Scalars['String']['output'];
  verdict: AccessVerdict;
};

export type CreateAccountInput = {
  billingEmail: Scalars['EmailAddress']['input'];
  /** At most 2,000 characters. */
  description?: InputMaybe<Scalars['String']['input']>;
  iban?: InputMaybe<Scalars['IBAN']['input']>;
  /** Unique: names that differ only in case or in the spelling of characters are the same. */
  name: Scalars['String']['input'];
  phone?: InputMaybe<Scalars['PhoneNumber']['input']>;
  /** Defaults to ACTIVE. */
  status?: InputMaybe<AccountStatus>;
};

export type CreateApiKeyInput = {
  /**
   * Null if the key is valid until it is revoked, or for as long as the server allows (`API_KEY_DAYS`), which is also the
   * latest time that may be given.
   */
  expiresAt?: InputMaybe<Scalars['DateTime']['input']>;
  name: Scalars['String']['input'];
  /** Permissions to grant besides those of the roles, out of those the viewer holds. Defaults to none. */
  permissions?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Roles to grant to the key, out of those the viewer holds. Defaults to none. */
  roles?: InputMaybe<Array<Scalars['RoleName']['input']>>;
};

export type CreateDocumentInput = {
  /** At most 50,000 characters. */
  content: Scalars['String']['input'];
  /** At most 200 characters. */
  title: Scalars['String']['input'];
};

export type CreateRoleInput = {
  description?: InputMaybe<Scalars['String']['input']>;
  /** The roles to inherit. The new role includes everything that they grant. */
  inherits?: InputMaybe<Array<Scalars['RoleName']['input']>>;
  name: Scalars['RoleName']['input'];
  /** The permissions that the role itself grants, out of those that the schema uses. */
  permissions?: InputMaybe<Array<Scalars['String']['input']>>;
};

export type CreateUserInput = {
  /** The account that the user belongs to. An ACCOUNT_ADMIN can create users in their own account only. */
  accountId?: InputMaybe<Scalars['ID']['input']>;
  displayName: Scalars['String']['input'];
  email: Scalars['EmailAddress']['input'];
  /** If left out, the user sets a password with `requestPasswordReset`. */
  password?: InputMaybe<Scalars['String']['input']>;
  roles?: InputMaybe<Array<Scalars['RoleName']['input']>>;
  /** 2 to 40 of the characters a-z, 0-9, `.`, `_` and `-`. */
  username: Scalars['String']['input'];
};

export type CreateWebhookInput = {
  /** Actions of the audit trail, or prefixes that end with `*`, such as `role.*`. Defaults to every action. */
  actions?: InputMaybe<Array<Scalars['String']['input']>>;
  /** An https URL, without a user name, password or fragment. */
  url: Scalars['String']['input'];
};

/** A new API key with its secret text, which is shown only once. */
export type CreatedApiKey = {
  __typename?: 'CreatedApiKey';
  apiKey?: Maybe<ApiKey>;
  /** The secret text, for `Authorization: Bearer`. It cannot be read again. */
  key: Scalars['String']['output'];
};

/** A document. Titles and authors' names are public; the text needs a signed-in viewer. */
export type Document = {
  __typename?: 'Document';
  /** The author. Denied to viewers who may not see that user. */
  author?: Maybe<User>;
  /**
   * The author's current display name, or "Removed user" if the author has been removed. Null for an anonymous viewer if the
   * server does not publish the names of authors (`PUBLIC_AUTHOR_NAMES`).
   */
  authorName?: Maybe<Scalars['String']['output']>;
  /** The text of the document. */
  content?: Maybe<Scalars['String']['output']>;
  createdAt: Scalars['DateTime']['output'];
  id: Scalars['ID']['output'];
  title: Scalars['String']['output'];
  updatedAt: Scalars['DateTime']['output'];
  version: Scalars['Int']['output'];
};

/** The creation, change or deletion of a document. */
export type DocumentChange = {
  __typename?: 'DocumentChange';
  /** The current state. Null after a deletion. */
  document?: Maybe<Document>;
  id: Scalars['ID']['output'];
  kind: ChangeKind;
};

export type DocumentConnection = {
  __typename?: 'DocumentConnection';
  edges?: Maybe<Array<DocumentEdge>>;
  nodes?: Maybe<Array<Maybe<Document>>>;
  pageInfo: PageInfo;
  totalCount?: Maybe<Scalars['Int']['output']>;
};

export type DocumentEdge = {
  __typename?: 'DocumentEdge';
  cursor: Scalars['String']['output'];
  node?: Maybe<Document>;
};

export type DocumentFilter = {
  /**
   * Words or prefixes of words in the title and, for viewers who may read it, in the text. Supports `"a phrase"`, `or` and
   * `-without`.
   */
  search?: InputMaybe<Scalars['String']['input']>;
};

export type DocumentOrder = {
  direction: OrderDirection;
  field: DocumentOrderField;
};

export type DocumentOrderField =
  | 'CREATED_AT'
  | 'TITLE'
  | 'UPDATED_AT';

/** A role that is not saved, to show what it would allow. */
export type DraftRoleInput = {
  /** The roles that it would inherit. */
  inherits?: InputMaybe<Array<Scalars['RoleName']['input']>>;
  /** The permissions that it would grant itself. */
  permissions?: InputMaybe<Array<Scalars['String']['input']>>;
};

/** The kind of an exclusion. STATIC: no user may hold both roles. DYNAMIC: no session may activate both roles. */
export type ExclusionKind =
  | 'DYNAMIC'
  | 'STATIC';

/** One coordinate that an operation uses, with its verdict. */
export type ExplainedCoordinate = {
  __typename?: 'ExplainedCoordinate';
  coordinate: Scalars['String']['output'];
  /** @deprecated Use requirements. */
  doors: Array<ExplainedRequirement>;
  /** The lines of the operation that use it, counted from 1. */
  lines: Array<Scalars['Int']['output']>;
  /** The smallest grants that satisfy the requirements: alternatives, each a list of grants that are all needed. */
  remedies: Array<Array<Scalars['String']['output']>>;
  /** The requirements, all of which must be satisfied. */
  requirements: Array<ExplainedRequirement>;
  /** The object type that a field of an abstract type returns here. Null if the verdict is about the field itself. */
  returning?: Maybe<Scalars['String']['output']>;
  verdict: AccessVerdict;
};

/** One of the requirements on a coordinate. All of them must be satisfied. */
export type ExplainedRequirement = {
  __typename?: 'ExplainedRequirement';
  /** The alternatives of the requirement, in words. Any one of them satisfies it. */
  alternatives: Scalars['String']['output'];
  /** The coordinate that declares the requirement. */
  from: Scalars['String']['output'];
  /** @deprecated Use alternatives. */
  keys: Scalars['String']['output'];
  verdict: AccessVerdict;
};

/** An identity of the viewer at an external issuer, by which they can sign in. */
export type Identity = {
  __typename?: 'Identity';
  id: Scalars['ID']['output'];
  /** The issuer that has the identity. Null if it is no longer offered for sign-in. */
  issuer?: Maybe<SignInIssuer>;
  /** The URL of the issuer. */
  issuerUrl: Scalars['String']['output'];
  /** The time at which the viewer linked it. Null if a token of the issuer made the user. */
  linkedAt?: Maybe<Scalars['DateTime']['output']>;
};

/** The creation, change or deletion of an inventory item. */
export type InventoryChange = {
  __typename?: 'InventoryChange';
  /** The current state. Null after a deletion. */
  item?: Maybe<InventoryItem>;
  kind: ChangeKind;
  name: Scalars['String']['output'];
};

/**
 * An item in stock, identified by its name. SALES reads items, WAREHOUSE changes their counts, MANAGER changes all of their
 * data, adds and deletes them.
 */
export type InventoryItem = {
  __typename?: 'InventoryItem';
  /** A JSON object with a `count` (a whole number, at least 0) and any other properties. */
  data: Scalars['JSON']['output'];
  /** Unique, ignoring case. */
  name: Scalars['String']['output'];
  updatedAt: Scalars['DateTime']['output'];
  version: Scalars['Int']['output'];
};

export type InventoryItemConnection = {
  __typename?: 'InventoryItemConnection';
  edges?: Maybe<Array<InventoryItemEdge>>;
  nodes?: Maybe<Array<Maybe<InventoryItem>>>;
  pageInfo: PageInfo;
  totalCount?: Maybe<Scalars['Int']['output']>;
};

export type InventoryItemEdge = {
  __typename?: 'InventoryItemEdge';
  cursor: Scalars['String']['output'];
  node?: Maybe<InventoryItem>;
};

export type InventoryItemFilter = {
  /** Matches a part of the name, ignoring case. */
  search?: InputMaybe<Scalars['String']['input']>;
};

export type InventoryItemOrder = {
  direction: OrderDirection;
  field: InventoryItemOrderField;
};

export type InventoryItemOrderField =
  | 'NAME'
  | 'UPDATED_AT';

/** A sample message. The three messages show which requirements the viewer satisfies. */
export type Message = {
  __typename?: 'Message';
  text: Scalars['String']['output'];
};

export type Mutation = {
  __typename?: 'Mutation';
  /** Makes the reader of an invitation a user, who can then sign in. */
  acceptInvitation?: Maybe<Scalars['Boolean']['output']>;
  /** Allows a deactivated user to sign in again. */
  activateUser?: Maybe<User>;
  /** Adds an item. A name that exists is a CONFLICT. */
  addInventoryItem?: Maybe<InventoryItem>;
  /** Adds the passkey that a browser made for `startPasskey` in this session, and ends the viewer's other sessions. */
  addPasskey?: Maybe<AddedPasskey>;
  /** Adds a user to an account. The user must not belong to an account yet. */
  addUserToAccount?: Maybe<User>;
  /** Adds `by`, which may be negative, to the count of an item. A result outside of 0 to 2147483647 is a CONFLICT. */
  adjustInventoryCount?: Maybe<InventoryItem>;
  /** Removes the exclusion of two roles. */
  allowRoles?: Maybe<RoleExclusion>;
  /**
   * Assigns a role to a user. An ADMIN and a holder of `users:roles` can assign what they hold themselves; an ACCOUNT_ADMIN,
   * ACCOUNT_MANAGER and below in their own account.
   */
  assignRole?: Maybe<User>;
  /**
   * Mails a token to an address that the viewer wants to have, and a notice to the present one. The address changes with
   * `confirmEmail`. The answer is the same if another user has the address.
   */
  changeMyEmail?: Maybe<Scalars['Boolean']['output']>;
  /** Changes the viewer's password and ends their other sessions. */
  changePassword?: Maybe<Scalars['Boolean']['output']>;
  /**
   * Signs in by the second factor, after `login` was answered with SECOND_FACTOR_REQUIRED and a challenge. An expired, used
   * or unknown challenge and a wrong or used code all get the same answer: UNAUTHENTICATED.
   */
  completeLogin?: Maybe<SignIn>;
  /** Confirms an e-mail address with the token that was mailed to it, at sign-up or by `changeMyEmail`. */
  confirmEmail?: Maybe<Scalars['Boolean']['output']>;
  /** Sets up the second factor with a code of the app, and ends the viewer's other sessions. Issues recovery codes. */
  confirmTotp?: Maybe<RecoveryCodes>;
  /** Creates an account. A name that another account has is a CONFLICT. */
  createAccount?: Maybe<Account>;
  /** Creates an API key. Its secret text is shown only once. */
  createApiKey?: Maybe<CreatedApiKey>;
  /** Creates a document with the viewer as its author. */
  createDocument?: Maybe<Document>;
  /** Adds a role. It can grant at most what the viewer holds. */
  createRole?: Maybe<RoleDefinition>;
  /**
   * Creates a user, with at most the roles that the viewer holds. For an ACCOUNT_ADMIN the answer for a duplicate e-mail
   * address is the same as for a new one; its owner is notified by mail.
   */
  createUser?: Maybe<User>;
  /** Adds a webhook, to which every event from now on is posted. Needs a recent sign-in. */
  createWebhook?: Maybe<WebhookSecret>;
  /** Prevents a user from signing in and ends their sessions with immediate effect. */
  deactivateUser?: Maybe<User>;
  /** Deletes an account that no user belongs to. Returns the account as it was. */
  deleteAccount?: Maybe<Account>;
  /**
   * Deletes one of the viewer's own documents. Administrators and holders of `documents:delete` may delete any document.
   * Returns the document as it was.
   */
  deleteDocument?: Maybe<Document>;
  /** Deletes an item. Returns the item as it was. */
  deleteInventoryItem?: Maybe<InventoryItem>;
  /** Deletes one of the viewer's passkeys, and ends the viewer's other sessions. Returns it as it was. */
  deletePasskey?: Maybe<Passkey>;
  /** Deletes a role that no user holds and no role inherits. Returns the role as it was. */
  deleteRole?: Maybe<RoleDefinition>;
  /** Deletes a webhook with its deliveries. Returns it as it was. */
  deleteWebhook?: Maybe<Webhook>;
  /** Removes the viewer's authenticator app. Needs one of its codes, a recovery code or a passkey. */
  disableTotp?: Maybe<Scalars['Boolean']['output']>;
  /** Ends one of the viewer's sessions. */
  endSession?: Maybe<Scalars['Boolean']['output']>;
  /** Ends all sessions of a user who holds nothing that the viewer does not hold. An ACCOUNT_ADMIN can do so in their own account. */
  endSessionsOfUser?: Maybe<Scalars['Boolean']['output']>;
  /** Declares two roles mutually exclusive (separation of duty). */
  excludeRoles?: Maybe<RoleExclusion>;
  /**
   * Mails an invitation: its reader becomes a user with at most the roles that the viewer holds, by the rules of
   * `createUser`. The answer is the same if a user has the address; that user is notified by mail.
   */
  inviteUser?: Maybe<Scalars['Boolean']['output']>;
  /** Begins to link an identity at an external issuer to the viewer, who can then sign in by it. */
  linkIdentity?: Maybe<BegunSignIn>;
  /**
   * Signs in with a user name or an e-mail address. An unknown user, a wrong password and a disabled user all get the same
   * answer: UNAUTHENTICATED.
   */
  login?: Maybe<SignIn>;
  /** Ends the session that this request belongs to. */
  logout?: Maybe<Scalars['Boolean']['output']>;
  /** Ends all sessions of the viewer. */
  logoutEverywhere?: Maybe<Scalars['Boolean']['output']>;
  /** Moves a user to an account, from the one that they belong to, if any, in one transaction. */
  moveUser?: Maybe<User>;
  /**
   * Signs the viewer in again, in the session of the request, after STEP_UP_REQUIRED. Needs a passkey; or the password, and a
   * code as well if the viewer has a second factor.
   */
  reauthenticate?: Maybe<Scalars['Boolean']['output']>;
  /** Issues a new access token and the successor of the refresh token. Reusing an old refresh token ends the session. */
  refreshSession?: Maybe<SignIn>;
  /**
   * Signs up a new user, if open registration is enabled. The answer for a duplicate e-mail address is the same as for a new
   * one; its owner is notified by mail.
   */
  register?: Maybe<Scalars['Boolean']['output']>;
  /** Permanently removes a user's names, credentials and roles. Records that refer to the user stay. Returns the user as they were. */
  removeUser?: Maybe<User>;
  /** Removes a user from their account. */
  removeUserFromAccount?: Maybe<User>;
  /** Renames one of the viewer's passkeys. */
  renamePasskey?: Maybe<Passkey>;
  /** Replaces the viewer's recovery codes. Needs one of them, a code of the app or a passkey. */
  renewRecoveryCodes?: Maybe<RecoveryCodes>;
  /** Mails the token that confirms the address of a sign-up again, if there is such a user. The answer is always the same. */
  requestEmailConfirmation?: Maybe<Scalars['Boolean']['output']>;
  /** Sends a mail with a token for `resetPassword`, if the user exists. The answer is always the same. */
  requestPasswordReset?: Maybe<Scalars['Boolean']['output']>;
  /** Posts dead letters once more: those with these ids, or all of the webhook. Returns their number. */
  resendWebhookDeliveries?: Maybe<Scalars['Int']['output']>;
  /** Sets a new password with the token from a mail and ends all sessions of the user. */
  resetPassword?: Maybe<Scalars['Boolean']['output']>;
  /** Removes all second factors of another user who has lost them, and ends that user's sessions. */
  resetSecondFactor?: Maybe<Scalars['Boolean']['output']>;
  /** Revokes one of the viewer's API keys with immediate effect. */
  revokeApiKey?: Maybe<ApiKey>;
  /** Revokes a role of a user. */
  revokeRole?: Maybe<User>;
  /** Gives a webhook a new secret. For 24 hours messages are signed with the old one as well. Needs a recent sign-in. */
  rotateWebhookSecret?: Maybe<WebhookSecret>;
  /**
   * Sets the count of an item, from 0 to 2147483647, and leaves the rest of its data. With the version that was read, a newer
   * stored version is a CONFLICT; without it the last write wins.
   */
  setInventoryCount?: Maybe<InventoryItem>;
  /**
   * Signs in by a passkey alone, which counts as both factors. A response that is malformed, expired, used, or from another site,
   * and an unknown passkey, all get the same answer: UNAUTHENTICATED.
   */
  signInByPasskey?: Maybe<SignIn>;
  /** Returns the options with which a browser makes a passkey (`PublicKeyCredential.parseCreationOptionsFromJSON`). */
  startPasskey?: Maybe<Scalars['JSON']['output']>;
  /** Returns the options with which a browser asks for a passkey of the viewer, for an argument `passkey` in this session. */
  startPasskeyConfirmation?: Maybe<Scalars['JSON']['output']>;
  /** Returns the options with which a browser asks for a passkey (`PublicKeyCredential.parseRequestOptionsFromJSON`). */
  startPasskeySignIn?: Maybe<Scalars['JSON']['output']>;
  /**
   * Begins to sign the viewer in again at an external issuer, in the session of the request, after STEP_UP_REQUIRED. Needs a
   * code if the viewer has a second factor.
   */
  startReauthentication?: Maybe<BegunSignIn>;
  /**
   * Begins a sign-in at an external issuer, which ends with a session cookie. The browser comes back to `returnTo`: with
   * `sign_in_error` in its query if the sign-in failed, and with `challenge` in its fragment for users who must show their
   * second factor by `completeLogin`.
   */
  startSignIn?: Maybe<BegunSignIn>;
  /** Creates a secret for an authenticator app. It is in effect once `confirmTotp` has accepted one of its codes. */
  startTotp?: Maybe<TotpEnrolment>;
  /** Posts a message of the type `webhook.test`, within seconds. Returns its delivery. */
  testWebhook?: Maybe<WebhookDelivery>;
  /** Removes an identity of the viewer, and ends their other sessions. The last way to sign in cannot be removed: CONFLICT. */
  unlinkIdentity?: Maybe<Scalars['Boolean']['output']>;
  /**
   * Changes an account. An ACCOUNT_ADMIN changes their own, except its status; the id of another account gets the same answer as
   * an id that does not exist.
   */
  updateAccount?: Maybe<Account>;
  /** Changes one of the viewer's own documents. Administrators and holders of `documents:write` may change any document. */
  updateDocument?: Maybe<Document>;
  /**
   * Changes an item. A name that does not exist is NOT_FOUND; the item is not created. A change of anything but the
   * count needs MANAGER or `inventory:write`; without, it is FORBIDDEN, with the field `input.data`.
   */
  updateInventoryItem?: Maybe<InventoryItem>;
  /** Changes the viewer's user name or display name. */
  updateMe?: Maybe<User>;
  /** Changes the account that the viewer belongs to. */
  updateMyAccount?: Maybe<Account>;
  /** Changes an added role, with immediate effect for the users who hold it. */
  updateRole?: Maybe<RoleDefinition>;
  /** Changes a user who holds nothing that the viewer does not hold. */
  updateUser?: Maybe<User>;
  /** Changes a webhook. Needs a recent sign-in. */
  updateWebhook?: Maybe<Webhook>;
  /**
   * Lets an administrator view the API as another user, or as themselves with one role only: read-only, recorded in the audit
   * trail, and for at most 15 minutes. The user or role must hold nothing that the administrator does not hold.
   */
  viewAs?: Maybe<ViewAs>;
};


export type MutationAcceptInvitationArgs = {
  input: AcceptInvitationInput;
};


export type MutationActivateUserArgs = {
  id: Scalars['ID']['input'];
};


export type MutationAddInventoryItemArgs = {
  input: AddInventoryItemInput;
};


export type MutationAddPasskeyArgs = {
  name: Scalars['String']['input'];
  response: Scalars['JSON']['input'];
};


export type MutationAddUserToAccountArgs = {
  accountId: Scalars['ID']['input'];
  userId: Scalars['ID']['input'];
};


export type MutationAdjustInventoryCountArgs = {
  by: Scalars['Int']['input'];
  name: Scalars['String']['input'];
};


export type MutationAllowRolesArgs = {
  a: Scalars['RoleName']['input'];
  b: Scalars['RoleName']['input'];
  kind: ExclusionKind;
};


export type MutationAssignRoleArgs = {
  role: Scalars['RoleName']['input'];
  userId: Scalars['ID']['input'];
};


export type MutationChangeMyEmailArgs = {
  email: Scalars['EmailAddress']['input'];
};


export type MutationChangePasswordArgs = {
  current: Scalars['String']['input'];
  next: Scalars['String']['input'];
};


export type MutationCompleteLoginArgs = {
  challenge: Scalars['String']['input'];
  code?: InputMaybe<Scalars['String']['input']>;
  passkey?: InputMaybe<Scalars['JSON']['input']>;
};


export type MutationConfirmEmailArgs = {
  token: Scalars['String']['input'];
};


export type MutationConfirmTotpArgs = {
  code: Scalars['String']['input'];
};


export type MutationCreateAccountArgs = {
  input: CreateAccountInput;
};


export type MutationCreateApiKeyArgs = {
  input: CreateApiKeyInput;
};


export type MutationCreateDocumentArgs = {
  input: CreateDocumentInput;
};


export type MutationCreateRoleArgs = {
  input: CreateRoleInput;
};


export type MutationCreateUserArgs = {
  input: CreateUserInput;
};


export type MutationCreateWebhookArgs = {
  input: CreateWebhookInput;
};


export type MutationDeactivateUserArgs = {
  id: Scalars['ID']['input'];
};


export type MutationDeleteAccountArgs = {
  id: Scalars['ID']['input'];
};


export type MutationDeleteDocumentArgs = {
  id: Scalars['ID']['input'];
};


export type MutationDeleteInventoryItemArgs = {
  name: Scalars['String']['input'];
};


export type MutationDeletePasskeyArgs = {
  id: Scalars['ID']['input'];
};


export type MutationDeleteRoleArgs = {
  name: Scalars['RoleName']['input'];
};


export type MutationDeleteWebhookArgs = {
  id: Scalars['ID']['input'];
};


export type MutationDisableTotpArgs = {
  code?: InputMaybe<Scalars['String']['input']>;
  passkey?: InputMaybe<Scalars['JSON']['input']>;
};


export type MutationEndSessionArgs = {
  id: Scalars['ID']['input'];
};


export type MutationEndSessionsOfUserArgs = {
  userId: Scalars['ID']['input'];
};


export type MutationExcludeRolesArgs = {
  a: Scalars['RoleName']['input'];
  b: Scalars['RoleName']['input'];
  kind: ExclusionKind;
};


export type MutationInviteUserArgs = {
  accountId?: InputMaybe<Scalars['ID']['input']>;
  email: Scalars['EmailAddress']['input'];
  roles?: InputMaybe<Array<Scalars['RoleName']['input']>>;
};


export type MutationLinkIdentityArgs = {
  issuer: Scalars['ID']['input'];
  returnTo?: InputMaybe<Scalars['String']['input']>;
};


export type MutationLoginArgs = {
  cookie: Scalars['Boolean']['input'];
  login: Scalars['String']['input'];
  password: Scalars['String']['input'];
  roles?: InputMaybe<Array<Scalars['RoleName']['input']>>;
};


export type MutationMoveUserArgs = {
  accountId: Scalars['ID']['input'];
  userId: Scalars['ID']['input'];
};


export type MutationReauthenticateArgs = {
  code?: InputMaybe<Scalars['String']['input']>;
  passkey?: InputMaybe<Scalars['JSON']['input']>;
  password?: InputMaybe<Scalars['String']['input']>;
};


export type MutationRefreshSessionArgs = {
  refreshToken: Scalars['String']['input'];
};


export type MutationRegisterArgs = {
  input: RegisterInput;
};


export type MutationRemoveUserArgs = {
  id: Scalars['ID']['input'];
};


export type MutationRemoveUserFromAccountArgs = {
  accountId: Scalars['ID']['input'];
  userId: Scalars['ID']['input'];
};


export type MutationRenamePasskeyArgs = {
  id: Scalars['ID']['input'];
  name: Scalars['String']['input'];
};


export type MutationRenewRecoveryCodesArgs = {
  code?: InputMaybe<Scalars['String']['input']>;
  passkey?: InputMaybe<Scalars['JSON']['input']>;
};


export type MutationRequestEmailConfirmationArgs = {
  login: Scalars['String']['input'];
};


export type MutationRequestPasswordResetArgs = {
  login: Scalars['String']['input'];
};


export type MutationResendWebhookDeliveriesArgs = {
  deliveries?: InputMaybe<Array<Scalars['ID']['input']>>;
  id: Scalars['ID']['input'];
};


export type MutationResetPasswordArgs = {
  next: Scalars['String']['input'];
  token: Scalars['String']['input'];
};


export type MutationResetSecondFactorArgs = {
  userId: Scalars['ID']['input'];
};


export type MutationRevokeApiKeyArgs = {
  id: Scalars['ID']['input'];
};


export type MutationRevokeRoleArgs = {
  role: Scalars['RoleName']['input'];
  userId: Scalars['ID']['input'];
};


export type MutationRotateWebhookSecretArgs = {
  id: Scalars['ID']['input'];
};


export type MutationSetInventoryCountArgs = {
  count: Scalars['Int']['input'];
  name: Scalars['String']['input'];
  version?: InputMaybe<Scalars['Int']['input']>;
};


export type MutationSignInByPasskeyArgs = {
  cookie: Scalars['Boolean']['input'];
  response: Scalars['JSON']['input'];
  roles?: InputMaybe<Array<Scalars['RoleName']['input']>>;
};


export type MutationStartReauthenticationArgs = {
  code?: InputMaybe<Scalars['String']['input']>;
  issuer: Scalars['ID']['input'];
  returnTo?: InputMaybe<Scalars['String']['input']>;
};


export type MutationStartSignInArgs = {
  issuer: Scalars['ID']['input'];
  returnTo?: InputMaybe<Scalars['String']['input']>;
  roles?: InputMaybe<Array<Scalars['RoleName']['input']>>;
};


export type MutationTestWebhookArgs = {
  id: Scalars['ID']['input'];
};


export type MutationUnlinkIdentityArgs = {
  id: Scalars['ID']['input'];
};


export type MutationUpdateAccountArgs = {
  id: Scalars['ID']['input'];
  input: UpdateAccountInput;
};


export type MutationUpdateDocumentArgs = {
  id: Scalars['ID']['input'];
  input: UpdateDocumentInput;
};


export type MutationUpdateInventoryItemArgs = {
  input: UpdateInventoryItemInput;
};


export type MutationUpdateMeArgs = {
  input: UpdateMeInput;
};


export type MutationUpdateMyAccountArgs = {
  input: UpdateMyAccountInput;
};


export type MutationUpdateRoleArgs = {
  input: UpdateRoleInput;
  name: Scalars['RoleName']['input'];
};


export type MutationUpdateUserArgs = {
  id: Scalars['ID']['input'];
  input: UpdateUserInput;
};


export type MutationUpdateWebhookArgs = {
  id: Scalars['ID']['input'];
  input: UpdateWebhookInput;
};


export type MutationViewAsArgs = {
  role?: InputMaybe<Scalars['RoleName']['input']>;
  userId?: InputMaybe<Scalars['ID']['input']>;
};

/** The sort direction: ascending or descending. */
export type OrderDirection =
  | 'ASC'
  | 'DESC';

/** The position of a page in its list (GraphQL Cursor Connections Specification). */
export type PageInfo = {
  __typename?: 'PageInfo';
  endCursor?: Maybe<Scalars['String']['output']>;
  hasNextPage: Scalars['Boolean']['output'];
  hasPreviousPage: Scalars['Boolean']['output'];
  startCursor?: Maybe<Scalars['String']['output']>;
};

/** A passkey (WebAuthn): an authenticator signs in with it after it was unlocked, for instance by a PIN or a finger. */
export type Passkey = {
  __typename?: 'Passkey';
  createdAt: Scalars['DateTime']['output'];
  id: Scalars['ID']['output'];
  /** The time of the last sign-in with it. Null if it has never been used. */
  lastUsedAt?: Maybe<Scalars['DateTime']['output']>;
  name: Scalars['String']['output'];
};

/** A permission that the schema uses. */
export type PermissionDefinition = {
  __typename?: 'PermissionDefinition';
  /** The coordinates with a requirement that this permission satisfies, for example `Query.accounts`. */
  coordinates: Array<Scalars['String']['output']>;
  name: Scalars['String']['output'];
  /** @deprecated Use coordinates. */
  opens: Array<Scalars['String']['output']>;
};

export type Query = {
  __typename?: 'Query';
  /** The access matrix for anonymous viewers and for every role, built-in or added. */
  accessMatrix?: Maybe<AccessMatrix>;
  /** One account by its id. */
  account?: Maybe<Account>;
  /** All accounts. */
  accounts?: Maybe<AccountConnection>;
  /** A message for viewers with the permission `messages:admin`, or with `read:admin-messages`, its name in earlier releases. */
  adminMessage?: Maybe<Message>;
  /** The viewer's API keys, newest first. */
  apiKeys?: Maybe<ApiKeyConnection>;
  /** The audit trail, newest first. */
  auditEvents?: Maybe<AuditEventConnection>;
  /**
   * Verifies the sealed chain of the audit trail: removed, changed and inserted events are found. While a verification is
   * running, another one is a CONFLICT.
   */
  auditVerification?: Maybe<AuditVerification>;
  /** One document by its id, including its text. */
  document?: Maybe<Document>;
  /** All documents, newest first. */
  documents?: Maybe<DocumentConnection>;
  /** Explains why an operation is allowed or denied for a viewer with these roles and permissions; without any, for an anonymous viewer. */
  explainAccess?: Maybe<AccessExplanation>;
  /** The identities of the viewer at external issuers. */
  identities?: Maybe<Array<Identity>>;
  /** One item by its name, ignoring case. */
  inventoryItem?: Maybe<InventoryItem>;
  /** All inventory items. */
  inventoryItems?: Maybe<InventoryItemConnection>;
  /** The viewer's own profile. */
  me?: Maybe<User>;
  /** The account that the viewer belongs to, or null if they belong to none. */
  myAccount?: Maybe<Account>;
  /** The domain whose pages can use passkeys (the WebAuthn relying party id). Null if this server has none. */
  passkeyDomain?: Maybe<Scalars['String']['output']>;
  /** All permissions that the schema uses, with the coordinates that require them. */
  permissions?: Maybe<Array<PermissionDefinition>>;
  /** A message for signed-in viewers. */
  protectedMessage?: Maybe<Message>;
  /** A message for every viewer. */
  publicMessage?: Maybe<Message>;
  /** All pairs of mutually exclusive roles. */
  roleExclusions?: Maybe<Array<RoleExclusion>>;
  /** All roles, built-in and added. */
  roles?: Maybe<RoleDefinitionConnection>;
  /** The second factor of the viewer. */
  secondFactor?: Maybe<SecondFactor>;
  /** The viewer's sessions, most recently used first. */
  sessions?: Maybe<SessionConnection>;
  /** The external issuers at which browsers sign in, in the order of their buttons. */
  signInIssuers: Array<SignInIssuer>;
  /** One user by their id: the viewer, or a user whom the viewer manages. */
  user?: Maybe<User>;
  /** All users. */
  users?: Maybe<UserConnection>;
  /** The viewer of this request: their roles and permissions, and the verdicts on coordinates. */
  viewer: Viewer;
  /** One webhook by its id. */
  webhook?: Maybe<Webhook>;
  /** All webhooks, oldest first. */
  webhooks?: Maybe<Array<Webhook>>;
};


export type QueryAccessMatrixArgs = {
  draft?: InputMaybe<DraftRoleInput>;
  roles?: InputMaybe<Array<Scalars['RoleName']['input']>>;
};


export type QueryAccountArgs = {
  id: Scalars['ID']['input'];
};


export type QueryAccountsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<AccountFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<AccountOrder>;
};


export type QueryApiKeysArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
};


export type QueryAuditEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<AuditEventFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<AuditEventOrder>;
};


export type QueryDocumentArgs = {
  id: Scalars['ID']['input'];
};


export type QueryDocumentsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<DocumentFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<DocumentOrder>;
};


export type QueryExplainAccessArgs = {
  operation: Scalars['String']['input'];
  operationName?: InputMaybe<Scalars['String']['input']>;
  permissions?: InputMaybe<Array<Scalars['String']['input']>>;
  roles?: InputMaybe<Array<Scalars['RoleName']['input']>>;
};


export type QueryInventoryItemArgs = {
  name: Scalars['String']['input'];
};


export type QueryInventoryItemsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<InventoryItemFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<InventoryItemOrder>;
};


export type QueryRolesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<RoleDefinitionFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<RoleDefinitionOrder>;
};


export type QuerySessionsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
};


export type QueryUserArgs = {
  id: Scalars['ID']['input'];
};


export type QueryUsersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<UserFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<UserOrder>;
};


export type QueryWebhookArgs = {
  id: Scalars['ID']['input'];
};

/** Recovery codes, each of which stands in for the second factor once. They are shown only once. */
export type RecoveryCodes = {
  __typename?: 'RecoveryCodes';
  codes: Array<Scalars['String']['output']>;
};

export type RegisterInput = {
  displayName: Scalars['String']['input'];
  email: Scalars['EmailAddress']['input'];
  password: Scalars['String']['input'];
  username: Scalars['String']['input'];
};

/**
 * The built-in roles, which never change. A role includes everything that its inherited roles grant. Administrators can add
 * further roles at run time.
 */
export type Role =
  /** Administers their own account and its users. */
  | 'ACCOUNT_ADMIN'
  /** Reads the users of their own account. */
  | 'ACCOUNT_MANAGER'
  /** Administers users, roles and accounts. Holds every permission. */
  | 'ADMIN'
  /** Reads and writes every account. */
  | 'DEVELOPER'
  /** Every signed-in user. */
  | 'GUEST'
  /** Adds and deletes inventory. */
  | 'MANAGER'
  /** Reads inventory. */
  | 'SALES'
  /** An ordinary user. */
  | 'STANDARD'
  /** Holds every permission. Only a SUPER_ADMIN can appoint another. */
  | 'SUPER_ADMIN'
  /** Changes inventory. */
  | 'WAREHOUSE';

/** The definition of a role: its name, the roles it inherits, and its permissions. */
export type RoleDefinition = {
  __typename?: 'RoleDefinition';
  /** True if the viewer may assign the role. */
  assignable: Scalars['Boolean']['output'];
  /** True for the roles of `enum Role`, which cannot be edited. */
  builtIn: Scalars['Boolean']['output'];
  description: Scalars['String']['output'];
  /** The roles that this one inherits directly. */
  inherits: Array<Scalars['RoleName']['output']>;
  name: Scalars['RoleName']['output'];
  /** The permissions granted by this role itself, without inherited ones. */
  permissions: Array<Scalars['String']['output']>;
  /** The users to whom the role itself is assigned, out of those that the viewer may see. */
  users?: Maybe<UserConnection>;
  version: Scalars['Int']['output'];
};


/** The definition of a role: its name, the roles it inherits, and its permissions. */
export type RoleDefinitionUsersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<UserFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<UserOrder>;
};

export type RoleDefinitionConnection = {
  __typename?: 'RoleDefinitionConnection';
  edges?: Maybe<Array<RoleDefinitionEdge>>;
  nodes?: Maybe<Array<Maybe<RoleDefinition>>>;
  pageInfo: PageInfo;
  totalCount?: Maybe<Scalars['Int']['output']>;
};

export type RoleDefinitionEdge = {
  __typename?: 'RoleDefinitionEdge';
  cursor: Scalars['String']['output'];
  node?: Maybe<RoleDefinition>;
};

export type RoleDefinitionFilter = {
  builtIn?: InputMaybe<Scalars['Boolean']['input']>;
  /** Matches a part of the name or the description, ignoring case. */
  search?: InputMaybe<Scalars['String']['input']>;
};

export type RoleDefinitionOrder = {
  direction: OrderDirection;
  field: RoleDefinitionOrderField;
};

export type RoleDefinitionOrderField =
  | 'NAME';

/** A pair of mutually exclusive roles. */
export type RoleExclusion = {
  __typename?: 'RoleExclusion';
  a: Scalars['RoleName']['output'];
  b: Scalars['RoleName']['output'];
  kind: ExclusionKind;
};

/** The second factors of the viewer: codes that an authenticator app shows, passkeys, and recovery codes. */
export type SecondFactor = {
  __typename?: 'SecondFactor';
  /** The time at which an authenticator app was set up. Null without one; if there are no passkeys either, a password is enough to sign in. */
  enabledAt?: Maybe<Scalars['DateTime']['output']>;
  /** The passkeys, oldest first. */
  passkeys?: Maybe<Array<Passkey>>;
  /** The number of recovery codes that have not been used. */
  recoveryCodesLeft: Scalars['Int']['output'];
};

/** A signed-in session of a user on one device. */
export type Session = {
  __typename?: 'Session';
  /** The network address from which the session was opened. */
  address: Scalars['String']['output'];
  createdAt: Scalars['DateTime']['output'];
  /** True for the session that this request belongs to. */
  current: Scalars['Boolean']['output'];
  /** The name that the client gives itself (`User-Agent`). */
  device: Scalars['String']['output'];
  /** The time at which the session ends, even if it is in use. */
  expiresAt: Scalars['DateTime']['output'];
  id: Scalars['ID']['output'];
  /** The time of the last use, to the minute. */
  lastUsedAt: Scalars['DateTime']['output'];
};

export type SessionConnection = {
  __typename?: 'SessionConnection';
  edges?: Maybe<Array<SessionEdge>>;
  nodes?: Maybe<Array<Maybe<Session>>>;
  pageInfo: PageInfo;
  totalCount?: Maybe<Scalars['Int']['output']>;
};

export type SessionEdge = {
  __typename?: 'SessionEdge';
  cursor: Scalars['String']['output'];
  node?: Maybe<Session>;
};

/** The tokens issued at sign-in. */
export type SignIn = {
  __typename?: 'SignIn';
  /** A JSON Web Token for `Authorization: Bearer`. */
  accessToken: Scalars['String']['output'];
  /** The time at which the access token expires. */
  expiresAt: Scalars['DateTime']['output'];
  /** Valid for one `refreshSession`, which issues its successor. Null if the session is kept in a cookie. */
  refreshToken?: Maybe<Scalars['String']['output']>;
};

/** An external issuer at which a browser can sign in. */
export type SignInIssuer = {
  __typename?: 'SignInIssuer';
  id: Scalars['ID']['output'];
  /** The text of a button for it. */
  label: Scalars['String']['output'];
  /** True if `startReauthentication` is possible there. */
  reauthenticates: Scalars['Boolean']['output'];
};

/**
 * Changes as they happen, over WebSocket with the protocol `graphql-transport-ws`. A subscription delivers every change
 * after it was opened. If the server cannot guarantee that, it closes the connection: reconnect and read the list again.
 */
export type Subscription = {
  __typename?: 'Subscription';
  /** New events of the audit trail that match the filter. */
  auditEventAdded?: Maybe<AuditEvent>;
  /** Changes of documents, or of one document if an id is given. */
  documentChanged?: Maybe<DocumentChange>;
  /** Changes of inventory items, or of one item if a name (ignoring case) is given. */
  inventoryChanged?: Maybe<InventoryChange>;
};


/**
 * Changes as they happen, over WebSocket with the protocol `graphql-transport-ws`. A subscription delivers every change
 * after it was opened. If the server cannot guarantee that, it closes the connection: reconnect and read the list again.
 */
export type SubscriptionAuditEventAddedArgs = {
  filter?: InputMaybe<AuditEventFilter>;
};


/**
 * Changes as they happen, over WebSocket with the protocol `graphql-transport-ws`. A subscription delivers every change
 * after it was opened. If the server cannot guarantee that, it closes the connection: reconnect and read the list again.
 */
export type SubscriptionDocumentChangedArgs = {
  id?: InputMaybe<Scalars['ID']['input']>;
};


/**
 * Changes as they happen, over WebSocket with the protocol `graphql-transport-ws`. A subscription delivers every change
 * after it was opened. If the server cannot guarantee that, it closes the connection: reconnect and read the list again.
 */
export type SubscriptionInventoryChangedArgs = {
  name?: InputMaybe<Scalars['String']['input']>;
};

/** A new secret for an authenticator app (RFC 6238: SHA-1, 6 digits, 30 seconds). */
export type TotpEnrolment = {
  __typename?: 'TotpEnrolment';
  /** The secret in Base32, for apps that do not scan. */
  secret: Scalars['String']['output'];
  /** The `otpauth` URI, to be shown as a QR code. */
  uri: Scalars['String']['output'];
};

/** Fields that are left out stay unchanged. */
export type UpdateAccountInput = {
  billingEmail?: InputMaybe<Scalars['EmailAddress']['input']>;
  /** At most 2,000 characters. Null removes it. */
  description?: InputMaybe<Scalars['String']['input']>;
  /** Null removes it. */
  iban?: InputMaybe<Scalars['IBAN']['input']>;
  name?: InputMaybe<Scalars['String']['input']>;
  /** Null removes it. */
  phone?: InputMaybe<Scalars['PhoneNumber']['input']>;
  status?: InputMaybe<AccountStatus>;
  /** The version that was read. If the stored version is newer, the change is refused with CONFLICT. */
  version?: InputMaybe<Scalars['Int']['input']>;
};

/** Fields that are left out or null stay unchanged. */
export type UpdateDocumentInput = {
  content?: InputMaybe<Scalars['String']['input']>;
  title?: InputMaybe<Scalars['String']['input']>;
  /** The version that was read. If the stored version is newer, the change is refused with CONFLICT. */
  version?: InputMaybe<Scalars['Int']['input']>;
};

export type UpdateInventoryItemInput = {
  /** Replaces the stored data: at most 16 KiB as JSON, with a `count`. */
  data: Scalars['JSON']['input'];
  name: Scalars['String']['input'];
  /** The version that was read. If the stored version is newer, the change is refused with CONFLICT. Without it the last write wins. */
  version?: InputMaybe<Scalars['Int']['input']>;
};

/** Fields that are left out stay unchanged. */
export type UpdateMeInput = {
  displayName?: InputMaybe<Scalars['String']['input']>;
  username?: InputMaybe<Scalars['String']['input']>;
  /** The version that was read. If the stored version is newer, the change is refused with CONFLICT. */
  version?: InputMaybe<Scalars['Int']['input']>;
};

/** Fields that are left out stay unchanged. */
export type UpdateMyAccountInput = {
  billingEmail?: InputMaybe<Scalars['EmailAddress']['input']>;
  /** At most 2,000 characters. Null removes it. */
  description?: InputMaybe<Scalars['String']['input']>;
  /** Null removes it. */
  iban?: InputMaybe<Scalars['IBAN']['input']>;
  name?: InputMaybe<Scalars['String']['input']>;
  /** Null removes it. */
  phone?: InputMaybe<Scalars['PhoneNumber']['input']>;
  /** The version that was read. If the stored version is newer, the change is refused with CONFLICT. */
  version?: InputMaybe<Scalars['Int']['input']>;
};

/** Fields that are left out stay unchanged. */
export type UpdateRoleInput = {
  description?: InputMaybe<Scalars['String']['input']>;
  inherits?: InputMaybe<Array<Scalars['RoleName']['input']>>;
  permissions?: InputMaybe<Array<Scalars['String']['input']>>;
  /** The version that was read. If the stored version is newer, the change is refused with CONFLICT. */
  version?: InputMaybe<Scalars['Int']['input']>;
};

/** Fields that are left out stay unchanged. */
export type UpdateUserInput = {
  displayName?: InputMaybe<Scalars['String']['input']>;
  /** Only administrators of all users may change it. */
  email?: InputMaybe<Scalars['EmailAddress']['input']>;
  username?: InputMaybe<Scalars['String']['input']>;
  /** The version that was read. If the stored version is newer, the change is refused with CONFLICT. */
  version?: InputMaybe<Scalars['Int']['input']>;
};

/** Fields that are left out stay unchanged. */
export type UpdateWebhookInput = {
  actions?: InputMaybe<Array<Scalars['String']['input']>>;
  /** A webhook that is enabled again continues with the event at which it stopped. */
  enabled?: InputMaybe<Scalars['Boolean']['input']>;
  url?: InputMaybe<Scalars['String']['input']>;
  /** The version that was read. If the stored version is newer, the change is refused with CONFLICT. */
  version?: InputMaybe<Scalars['Int']['input']>;
};

/**
 * A person or a program that can sign in. Visible to the user, to the managers of the user's account, and to
 * administrators. Row-level security in the database decides which users exist for a viewer.
 */
export type User = {
  __typename?: 'User';
  /** The account that the user belongs to, or null if they belong to none. */
  account?: Maybe<Account>;
  /** True if the user may sign in. */
  active: Scalars['Boolean']['output'];
  createdAt: Scalars['DateTime']['output'];
  displayName: Scalars['String']['output'];
  email: Scalars['EmailAddress']['output'];
  /**
   * False from a sign-up until the address is confirmed by a mailed token, on servers that require that. An address that an
   * administrator has set counts as confirmed.
   */
  emailVerified: Scalars['Boolean']['output'];
  id: Scalars['ID']['output'];
  /** The roles assigned to the user, without inherited ones. */
  roles: Array<Scalars['RoleName']['output']>;
  updatedAt: Scalars['DateTime']['output'];
  username: Scalars['String']['output'];
  version: Scalars['Int']['output'];
};

export type UserConnection = {
  __typename?: 'UserConnection';
  edges?: Maybe<Array<UserEdge>>;
  nodes?: Maybe<Array<Maybe<User>>>;
  pageInfo: PageInfo;
  totalCount?: Maybe<Scalars['Int']['output']>;
};

export type UserEdge = {
  __typename?: 'UserEdge';
  cursor: Scalars['String']['output'];
  node?: Maybe<User>;
};

export type UserFilter = {
  /** Users of this account. */
  accountId?: InputMaybe<Scalars['ID']['input']>;
  active?: InputMaybe<Scalars['Boolean']['input']>;
  /** Users to whom this role itself is assigned. */
  role?: InputMaybe<Scalars['RoleName']['input']>;
  /** Matches a part of the user name, the display name or the e-mail address, ignoring case. */
  search?: InputMaybe<Scalars['String']['input']>;
};

export type UserOrder = {
  direction: OrderDirection;
  field: UserOrderField;
};

export type UserOrderField =
  | 'CREATED_AT'
  | 'DISPLAY_NAME'
  | 'USERNAME';

/** A credential with which an administrator views the API as another user or role. */
export type ViewAs = {
  __typename?: 'ViewAs';
  /** A JSON Web Token for `Authorization: Bearer`. Queries and subscriptions answer as they would for that viewer; mutations are refused. */
  accessToken: Scalars['String']['output'];
  /** The time at which the view ends, at most 15 minutes later. It also ends with the session of the administrator. */
  expiresAt: Scalars['DateTime']['output'];
};

/** The viewer of a request, who may ask about themselves whether signed in or not. */
export type Viewer = {
  __typename?: 'Viewer';
  /**
   * The time of the last sign-in in the session. Changes of passwords, second factors, API keys and roles need one that is at
   * most ten minutes old. Null for API keys and Basic.
   */
  authenticatedAt?: Maybe<Scalars['DateTime']['output']>;
  /**
   * The verdicts on coordinates of the schema (`Type.field`, `Type.field(argument:)`, `Input.field`, `Enum.VALUE`), in the
   * order of the argument, so that a client can hide what the server would deny. NO also stands for a coordinate that does not
   * exist for the viewer.
   */
  can?: Maybe<Array<CoordinateVerdict>>;
  /** The activated roles and all that they inherit. */
  effectiveRoles: Array<Scalars['RoleName']['output']>;
  /** The viewer's id as a user. Null for an anonymous viewer. */
  id?: Maybe<Scalars['ID']['output']>;
  /** The permissions of these roles. */
  permissions: Array<Scalars['String']['output']>;
  /** The roles that the credential activates, without inherited ones. */
  roles: Array<Scalars['RoleName']['output']>;
  /** True while the viewer holds only GUEST, since the other roles that are assigned to them require a second factor. */
  secondFactorRequired: Scalars['Boolean']['output'];
  /** True if the request carries a valid credential. */
  signedIn: Scalars['Boolean']['output'];
  /** The id of the administrator who views the API as this viewer, by `viewAs`. Null in any other case. */
  viewedBy?: Maybe<Scalars['ID']['output']>;
};


/** The viewer of a request, who may ask about themselves whether signed in or not. */
export type ViewerCanArgs = {
  coordinates: Array<Scalars['String']['input']>;
};

/** An HTTPS endpoint that events of the audit trail are posted to, in their order, by the Standard Webhooks specification. */
export type Webhook = {
  __typename?: 'Webhook';
  /** The actions that are posted, or prefixes that end with `*`. Empty: every action. */
  actions: Array<Scalars['String']['output']>;
  createdAt: Scalars['DateTime']['output'];
  /** The last deliveries, newest first: at most 200. */
  deliveries: Array<WebhookDelivery>;
  disabledBecause?: Maybe<WebhookDisabledReason>;
  enabled: Scalars['Boolean']['output'];
  /** The first failure since the last success. Null if the last attempt succeeded. */
  failingSince?: Maybe<Scalars['DateTime']['output']>;
  id: Scalars['ID']['output'];
  /** The time of the next attempt, while the webhook fails. */
  nextAttemptAt?: Maybe<Scalars['DateTime']['output']>;
  url: Scalars['String']['output'];
  version: Scalars['Int']['output'];
};


/** An HTTPS endpoint that events of the audit trail are posted to, in their order, by the Standard Webhooks specification. */
export type WebhookDeliveriesArgs = {
  first: Scalars['Int']['input'];
  state?: InputMaybe<WebhookDeliveryState>;
};

/** The delivery of an event to a webhook, with its state. */
export type WebhookDelivery = {
  __typename?: 'WebhookDelivery';
  action: Scalars['String']['output'];
  attemptedAt?: Maybe<Scalars['DateTime']['output']>;
  attempts: Scalars['Int']['output'];
  createdAt: Scalars['DateTime']['output'];
  /** The id of the event in the audit trail, which is the `webhook-id` of the message. */
  event: Scalars['ID']['output'];
  failure?: Maybe<WebhookFailure>;
  id: Scalars['ID']['output'];
  state: WebhookDeliveryState;
  /** The HTTP status of the last attempt. Null without an answer. */
  status?: Maybe<Scalars['Int']['output']>;
};

/** The state of the delivery of an event. */
export type WebhookDeliveryState =
  /** A dead letter: there are no more attempts, unless an administrator asks for one. */
  | 'DEAD'
  | 'DELIVERED'
  /** The next attempt is due later, or an administrator has asked for it. */
  | 'PENDING';

/** The reason why nothing is posted to a webhook. */
export type WebhookDisabledReason =
  /** An administrator has disabled it. */
  | 'ADMINISTRATOR'
  /** All attempts of five days have failed. */
  | 'FAILING'
  /** The endpoint has answered with 410. */
  | 'GONE';

/** The reason why an attempt has failed. */
export type WebhookFailure =
  /** The endpoint has no address that requests may go to. */
  | 'ADDRESS'
  | 'CONNECTION'
  /** The name of the endpoint has no address. */
  | 'NAME'
  /** The endpoint answered with a redirect, which is not followed. */
  | 'REDIRECT'
  /** Retention has removed the event. */
  | 'REMOVED'
  /** The endpoint answered with another status than 2xx. */
  | 'STATUS'
  /** The endpoint did not answer in ten seconds. */
  | 'TIMEOUT'
  /** The certificate is not valid, or TLS failed otherwise. */
  | 'TLS';

/** A webhook and the secret that its messages are signed with, which is shown once. */
export type WebhookSecret = {
  __typename?: 'WebhookSecret';
  /** The secret in the form of the Standard Webhooks specification: `whsec_…`. */
  secret: Scalars['String']['output'];
  webhook: Webhook;
};



export type ResolverTypeWrapper<T> = Promise<T> | T;


export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;





/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  AcceptInvitationInput: AcceptInvitationInput;
  AccessExplanation: ResolverTypeWrapper<AccessExplanation>;
  AccessMatrix: ResolverTypeWrapper<AccessMatrix>;
  AccessMatrixRow: ResolverTypeWrapper<AccessMatrixRow>;
  AccessVerdict: AccessVerdict;
  Account: ResolverTypeWrapper<AccountRow>;
  AccountConnection: ResolverTypeWrapper<AccountConnectionRow>;
  AccountEdge: ResolverTypeWrapper<Omit<AccountEdge, 'node'> & { node?: Maybe<ResolversTypes['Account']> }>;
  AccountFilter: AccountFilter;
  AccountOrder: AccountOrder;
  AccountOrderField: AccountOrderField;
  AccountStatus: AccountStatus;
  AddInventoryItemInput: AddInventoryItemInput;
  AddedPasskey: ResolverTypeWrapper<AddedPasskey>;
  ApiKey: ResolverTypeWrapper<ApiKeyRow>;
  ApiKeyConnection: ResolverTypeWrapper<ApiKeyConnectionRow>;
  ApiKeyEdge: ResolverTypeWrapper<Omit<ApiKeyEdge, 'node'> & { node?: Maybe<ResolversTypes['ApiKey']> }>;
  AuditEvent: ResolverTypeWrapper<AuditEventRow>;
  AuditEventConnection: ResolverTypeWrapper<AuditEventConnectionRow>;
  AuditEventEdge: ResolverTypeWrapper<Omit<AuditEventEdge, 'node'> & { node?: Maybe<ResolversTypes['AuditEvent']> }>;
  AuditEventFilter: AuditEventFilter;
  AuditEventOrder: AuditEventOrder;
  AuditEventOrderField: AuditEventOrderField;
  AuditVerification: ResolverTypeWrapper<AuditVerification>;
  BegunSignIn: ResolverTypeWrapper<BegunSignIn>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  ChangeKind: ChangeKind;
  CoordinateVerdict: ResolverTypeWrapper<CoordinateVerdict>;
  CreateAccountInput: CreateAccountInput;
  CreateApiKeyInput: CreateApiKeyInput;
  CreateDocumentInput: CreateDocumentInput;
  CreateRoleInput: CreateRoleInput;
  CreateUserInput: CreateUserInput;
  CreateWebhookInput: CreateWebhookInput;
  CreatedApiKey: ResolverTypeWrapper<Omit<CreatedApiKey, 'apiKey'> & { apiKey?: Maybe<ResolversTypes['ApiKey']> }>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  Document: ResolverTypeWrapper<DocumentRow>;
  DocumentChange: ResolverTypeWrapper<DocumentChangeRow>;
  DocumentConnection: ResolverTypeWrapper<DocumentConnectionRow>;
  DocumentEdge: ResolverTypeWrapper<Omit<DocumentEdge, 'node'> & { node?: Maybe<ResolversTypes['Document']> }>;
  DocumentFilter: DocumentFilter;
  DocumentOrder: DocumentOrder;
  DocumentOrderField: DocumentOrderField;
  DraftRoleInput: DraftRoleInput;
  EmailAddress: ResolverTypeWrapper<Scalars['EmailAddress']['output']>;
  ExclusionKind: ExclusionKind;
  ExplainedCoordinate: ResolverTypeWrapper<ExplainedCoordinate>;
  ExplainedRequirement: ResolverTypeWrapper<ExplainedRequirement>;
  IBAN: ResolverTypeWrapper<Scalars['IBAN']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Identity: ResolverTypeWrapper<Identity>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  InventoryChange: ResolverTypeWrapper<InventoryChangeRow>;
  InventoryItem: ResolverTypeWrapper<InventoryItemRow>;
  InventoryItemConnection: ResolverTypeWrapper<InventoryItemConnectionRow>;
  InventoryItemEdge: ResolverTypeWrapper<Omit<InventoryItemEdge, 'node'> & { node?: Maybe<ResolversTypes['InventoryItem']> }>;
  InventoryItemFilter: InventoryItemFilter;
  InventoryItemOrder: InventoryItemOrder;
  InventoryItemOrderField: InventoryItemOrderField;
  JSON: ResolverTypeWrapper<Scalars['JSON']['output']>;
  Message: ResolverTypeWrapper<Message>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  OrderDirection: OrderDirection;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Passkey: ResolverTypeWrapper<Passkey>;
  PermissionDefinition: ResolverTypeWrapper<PermissionDefinition>;
  PhoneNumber: ResolverTypeWrapper<Scalars['PhoneNumber']['output']>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  RecoveryCodes: ResolverTypeWrapper<RecoveryCodes>;
  RegisterInput: RegisterInput;
  Role: Role;
  RoleDefinition: ResolverTypeWrapper<RoleRow>;
  RoleDefinitionConnection: ResolverTypeWrapper<RoleConnectionRow>;
  RoleDefinitionEdge: ResolverTypeWrapper<Omit<RoleDefinitionEdge, 'node'> & { node?: Maybe<ResolversTypes['RoleDefinition']> }>;
  RoleDefinitionFilter: RoleDefinitionFilter;
  RoleDefinitionOrder: RoleDefinitionOrder;
  RoleDefinitionOrderField: RoleDefinitionOrderField;
  RoleExclusion: ResolverTypeWrapper<ExclusionRow>;
  RoleName: ResolverTypeWrapper<Scalars['RoleName']['output']>;
  SecondFactor: ResolverTypeWrapper<SecondFactor>;
  Session: ResolverTypeWrapper<SessionRow>;
  SessionConnection: ResolverTypeWrapper<SessionConnectionRow>;
  SessionEdge: ResolverTypeWrapper<Omit<SessionEdge, 'node'> & { node?: Maybe<ResolversTypes['Session']> }>;
  SignIn: ResolverTypeWrapper<SignInRow>;
  SignInIssuer: ResolverTypeWrapper<SignInIssuer>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  TotpEnrolment: ResolverTypeWrapper<TotpEnrolment>;
  UpdateAccountInput: UpdateAccountInput;
  UpdateDocumentInput: UpdateDocumentInput;
  UpdateInventoryItemInput: UpdateInventoryItemInput;
  UpdateMeInput: UpdateMeInput;
  UpdateMyAccountInput: UpdateMyAccountInput;
  UpdateRoleInput: UpdateRoleInput;
  UpdateUserInput: UpdateUserInput;
  UpdateWebhookInput: UpdateWebhookInput;
  User: ResolverTypeWrapper<UserRow>;
  UserConnection: ResolverTypeWrapper<UserConnectionRow>;
  UserEdge: ResolverTypeWrapper<Omit<UserEdge, 'node'> & { node?: Maybe<ResolversTypes['User']> }>;
  UserFilter: UserFilter;
  UserOrder: UserOrder;
  UserOrderField: UserOrderField;
  ViewAs: ResolverTypeWrapper<ViewAs>;
  Viewer: ResolverTypeWrapper<Viewer>;
  Webhook: ResolverTypeWrapper<WebhookRow>;
  WebhookDelivery: ResolverTypeWrapper<WebhookDeliveryRow>;
  WebhookDeliveryState: WebhookDeliveryState;
  WebhookDisabledReason: WebhookDisabledReason;
  WebhookFailure: WebhookFailure;
  WebhookSecret: ResolverTypeWrapper<Omit<WebhookSecret, 'webhook'> & { webhook: ResolversTypes['Webhook'] }>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  AcceptInvitationInput: AcceptInvitationInput;
  AccessExplanation: AccessExplanation;
  AccessMatrix: AccessMatrix;
  AccessMatrixRow: AccessMatrixRow;
  Account: AccountRow;
  AccountConnection: AccountConnectionRow;
  AccountEdge: Omit<AccountEdge, 'node'> & { node?: Maybe<ResolversParentTypes['Account']> };
  AccountFilter: AccountFilter;
  AccountOrder: AccountOrder;
  AddInventoryItemInput: AddInventoryItemInput;
  AddedPasskey: AddedPasskey;
  ApiKey: ApiKeyRow;
  ApiKeyConnection: ApiKeyConnectionRow;
  ApiKeyEdge: Omit<ApiKeyEdge, 'node'> & { node?: Maybe<ResolversParentTypes['ApiKey']> };
  AuditEvent: AuditEventRow;
  AuditEventConnection: AuditEventConnectionRow;
  AuditEventEdge: Omit<AuditEventEdge, 'node'> & { node?: Maybe<ResolversParentTypes['AuditEvent']> };
  AuditEventFilter: AuditEventFilter;
  AuditEventOrder: AuditEventOrder;
  AuditVerification: AuditVerification;
  BegunSignIn: BegunSignIn;
  Boolean: Scalars['Boolean']['output'];
  CoordinateVerdict: CoordinateVerdict;
  CreateAccountInput: CreateAccountInput;
  CreateApiKeyInput: CreateApiKeyInput;
  CreateDocumentInput: CreateDocumentInput;
  CreateRoleInput: CreateRoleInput;
  CreateUserInput: CreateUserInput;
  CreateWebhookInput: CreateWebhookInput;
  CreatedApiKey: Omit<CreatedApiKey, 'apiKey'> & { apiKey?: Maybe<ResolversParentTypes['ApiKey']> };
  DateTime: Scalars['DateTime']['output'];
  Document: DocumentRow;
  DocumentChange: DocumentChangeRow;
  DocumentConnection: DocumentConnectionRow;
  DocumentEdge: Omit<DocumentEdge, 'node'> & { node?: Maybe<ResolversParentTypes['Document']> };
  DocumentFilter: DocumentFilter;
  DocumentOrder: DocumentOrder;
  DraftRoleInput: DraftRoleInput;
  EmailAddress: Scalars['EmailAddress']['output'];
  ExplainedCoordinate: ExplainedCoordinate;
  ExplainedRequirement: ExplainedRequirement;
  IBAN: Scalars['IBAN']['output'];
  ID: Scalars['ID']['output'];
  Identity: Identity;
  Int: Scalars['Int']['output'];
  InventoryChange: InventoryChangeRow;
  InventoryItem: InventoryItemRow;
  InventoryItemConnection: InventoryItemConnectionRow;
  InventoryItemEdge: Omit<InventoryItemEdge, 'node'> & { node?: Maybe<ResolversParentTypes['InventoryItem']> };
  InventoryItemFilter: InventoryItemFilter;
  InventoryItemOrder: InventoryItemOrder;
  JSON: Scalars['JSON']['output'];
  Message: Message;
  Mutation: Record<PropertyKey, never>;
  PageInfo: PageInfo;
  Passkey: Passkey;
  PermissionDefinition: PermissionDefinition;
  PhoneNumber: Scalars['PhoneNumber']['output'];
  Query: Record<PropertyKey, never>;
  RecoveryCodes: RecoveryCodes;
  RegisterInput: RegisterInput;
  RoleDefinition: RoleRow;
  RoleDefinitionConnection: RoleConnectionRow;
  RoleDefinitionEdge: Omit<RoleDefinitionEdge, 'node'> & { node?: Maybe<ResolversParentTypes['RoleDefinition']> };
  RoleDefinitionFilter: RoleDefinitionFilter;
  RoleDefinitionOrder: RoleDefinitionOrder;
  RoleExclusion: ExclusionRow;
  RoleName: Scalars['RoleName']['output'];
  SecondFactor: SecondFactor;
  Session: SessionRow;
  SessionConnection: SessionConnectionRow;
  SessionEdge: Omit<SessionEdge, 'node'> & { node?: Maybe<ResolversParentTypes['Session']> };
  SignIn: SignInRow;
  SignInIssuer: SignInIssuer;
  String: Scalars['String']['output'];
  Subscription: Record<PropertyKey, never>;
  TotpEnrolment: TotpEnrolment;
  UpdateAccountInput: UpdateAccountInput;
  UpdateDocumentInput: UpdateDocumentInput;
  UpdateInventoryItemInput: UpdateInventoryItemInput;
  UpdateMeInput: UpdateMeInput;
  UpdateMyAccountInput: UpdateMyAccountInput;
  UpdateRoleInput: UpdateRoleInput;
  UpdateUserInput: UpdateUserInput;
  UpdateWebhookInput: UpdateWebhookInput;
  User: UserRow;
  UserConnection: UserConnectionRow;
  UserEdge: Omit<UserEdge, 'node'> & { node?: Maybe<ResolversParentTypes['User']> };
  UserFilter: UserFilter;
  UserOrder: UserOrder;
  ViewAs: ViewAs;
  Viewer: Viewer;
  Webhook: WebhookRow;
  WebhookDelivery: WebhookDeliveryRow;
  WebhookSecret: Omit<WebhookSecret, 'webhook'> & { webhook: ResolversParentTypes['Webhook'] };
};

export type AuthDirectiveArgs = {
  owner?: Maybe<Array<Scalars['String']['input']>>;
  permissions?: Maybe<Array<Scalars['String']['input']>>;
  policy?: Maybe<Array<Scalars['String']['input']>>;
  requires?: Maybe<Array<Role>>;
};

export type AuthDirectiveResolver<Result, Parent, ContextType = RequestContext, Args = AuthDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type InheritsDirectiveArgs = {
  roles: Array<Scalars['String']['input']>;
};

export type InheritsDirectiveResolver<Result, Parent, ContextType = RequestContext, Args = InheritsDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type PublicDirectiveArgs = { };

export type PublicDirectiveResolver<Result, Parent, ContextType = RequestContext, Args = PublicDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type ReadsDirectiveArgs = {
  fields: Array<Scalars['String']['input']>;
};

export type ReadsDirectiveResolver<Result, Parent, ContextType = RequestContext, Args = ReadsDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type SemanticNonNullDirectiveArgs = {
  levels: Array<Scalars['Int']['input']>;
};

export type SemanticNonNullDirectiveResolver<Result, Parent, ContextType = RequestContext, Args = SemanticNonNullDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type AccessExplanationResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['AccessExplanation'] = ResolversParentTypes['AccessExplanation']> = {
  allowed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  coordinates?: Resolver<Array<ResolversTypes['ExplainedCoordinate']>, ParentType, ContextType>;
};

export type AccessMatrixResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['AccessMatrix'] = ResolversParentTypes['AccessMatrix']> = {
  columns?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
  rows?: Resolver<Array<ResolversTypes['AccessMatrixRow']>, ParentType, ContextType>;
};

export type AccessMatrixRowResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['AccessMatrixRow'] = ResolversParentTypes['AccessMatrixRow']> = {
  cells?: Resolver<Array<ResolversTypes['AccessVerdict']>, ParentType, ContextType>;
  coordinate?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  doors?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  requirements?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type AccountResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Account'] = ResolversParentTypes['Account']> = {
  billingEmail?: Resolver<Maybe<ResolversTypes['EmailAddress']>, ParentType, ContextType>;
  createdAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  description?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  iban?: Resolver<Maybe<ResolversTypes['IBAN']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  phone?: Resolver<Maybe<ResolversTypes['PhoneNumber']>, ParentType, ContextType>;
  status?: Resolver<ResolversTypes['AccountStatus'], ParentType, ContextType>;
  updatedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  users?: Resolver<Maybe<ResolversTypes['UserConnection']>, ParentType, ContextType, Partial<AccountUsersArgs>>;
  version?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
};

export type AccountConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['AccountConnection'] = ResolversParentTypes['AccountConnection']> = {
  edges?: Resolver<Maybe<Array<ResolversTypes['AccountEdge']>>, ParentType, ContextType>;
  nodes?: Resolver<Maybe<Array<Maybe<ResolversTypes['Account']>>>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
};

export type AccountEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['AccountEdge'] = ResolversParentTypes['AccountEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<Maybe<ResolversTypes['Account']>, ParentType, ContextType>;
};

export type AddedPasskeyResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['AddedPasskey'] = ResolversParentTypes['AddedPasskey']> = {
  codes?: Resolver<Maybe<Array<ResolversTypes['String']>>, ParentType, ContextType>;
  passkey?: Resolver<Maybe<ResolversTypes['Passkey']>, ParentType, ContextType>;
};

export type ApiKeyResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['ApiKey'] = ResolversParentTypes['ApiKey']> = {
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  expiresAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  lastUsedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  permissions?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
  roles?: Resolver<Array<ResolversTypes['RoleName']>, ParentType, ContextType>;
};

export type ApiKeyConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['ApiKeyConnection'] = ResolversParentTypes['ApiKeyConnection']> = {
  edges?: Resolver<Maybe<Array<ResolversTypes['ApiKeyEdge']>>, ParentType, ContextType>;
  nodes?: Resolver<Maybe<Array<Maybe<ResolversTypes['ApiKey']>>>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
};

export type ApiKeyEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['ApiKeyEdge'] = ResolversParentTypes['ApiKeyEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<Maybe<ResolversTypes['ApiKey']>, ParentType, ContextType>;
};

export type AuditEventResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['AuditEvent'] = ResolversParentTypes['AuditEvent']> = {
  action?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  actor?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  actorUser?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  address?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  count?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  details?: Resolver<ResolversTypes['JSON'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  sealed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  target?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  targetType?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type AuditEventConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['AuditEventConnection'] = ResolversParentTypes['AuditEventConnection']> = {
  edges?: Resolver<Maybe<Array<ResolversTypes['AuditEventEdge']>>, ParentType, ContextType>;
  nodes?: Resolver<Maybe<Array<Maybe<ResolversTypes['AuditEvent']>>>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
};

export type AuditEventEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['AuditEventEdge'] = ResolversParentTypes['AuditEventEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<Maybe<ResolversTypes['AuditEvent']>, ParentType, ContextType>;
};

export type AuditVerificationResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['AuditVerification'] = ResolversParentTypes['AuditVerification']> = {
  complete?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  damage?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
  events?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  head?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  intact?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  seals?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  unsealed?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type BegunSignInResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['BegunSignIn'] = ResolversParentTypes['BegunSignIn']> = {
  url?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type CoordinateVerdictResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['CoordinateVerdict'] = ResolversParentTypes['CoordinateVerdict']> = {
  coordinate?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  verdict?: Resolver<ResolversTypes['AccessVerdict'], ParentType, ContextType>;
};

export type CreatedApiKeyResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['CreatedApiKey'] = ResolversParentTypes['CreatedApiKey']> = {
  apiKey?: Resolver<Maybe<ResolversTypes['ApiKey']>, ParentType, ContextType>;
  key?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type DocumentResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Document'] = ResolversParentTypes['Document']> = {
  author?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  authorName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  content?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  title?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  updatedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type DocumentChangeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['DocumentChange'] = ResolversParentTypes['DocumentChange']> = {
  document?: Resolver<Maybe<ResolversTypes['Document']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['ChangeKind'], ParentType, ContextType>;
};

export type DocumentConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['DocumentConnection'] = ResolversParentTypes['DocumentConnection']> = {
  edges?: Resolver<Maybe<Array<ResolversTypes['DocumentEdge']>>, ParentType, ContextType>;
  nodes?: Resolver<Maybe<Array<Maybe<ResolversTypes['Document']>>>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
};

export type DocumentEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['DocumentEdge'] = ResolversParentTypes['DocumentEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<Maybe<ResolversTypes['Document']>, ParentType, ContextType>;
};

export interface EmailAddressScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['EmailAddress'], any> {
  name: 'EmailAddress';
}

export type ExplainedCoordinateResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['ExplainedCoordinate'] = ResolversParentTypes['ExplainedCoordinate']> = {
  coordinate?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  doors?: Resolver<Array<ResolversTypes['ExplainedRequirement']>, ParentType, ContextType>;
  lines?: Resolver<Array<ResolversTypes['Int']>, ParentType, ContextType>;
  remedies?: Resolver<Array<Array<ResolversTypes['String']>>, ParentType, ContextType>;
  requirements?: Resolver<Array<ResolversTypes['ExplainedRequirement']>, ParentType, ContextType>;
  returning?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  verdict?: Resolver<ResolversTypes['AccessVerdict'], ParentType, ContextType>;
};

export type ExplainedRequirementResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['ExplainedRequirement'] = ResolversParentTypes['ExplainedRequirement']> = {
  alternatives?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  from?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  keys?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  verdict?: Resolver<ResolversTypes['AccessVerdict'], ParentType, ContextType>;
};

export interface IbanScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['IBAN'], any> {
  name: 'IBAN';
}

export type IdentityResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Identity'] = ResolversParentTypes['Identity']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  issuer?: Resolver<Maybe<ResolversTypes['SignInIssuer']>, ParentType, ContextType>;
  issuerUrl?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  linkedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export type InventoryChangeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['InventoryChange'] = ResolversParentTypes['InventoryChange']> = {
  item?: Resolver<Maybe<ResolversTypes['InventoryItem']>, ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['ChangeKind'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type InventoryItemResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['InventoryItem'] = ResolversParentTypes['InventoryItem']> = {
  data?: Resolver<ResolversTypes['JSON'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  updatedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type InventoryItemConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['InventoryItemConnection'] = ResolversParentTypes['InventoryItemConnection']> = {
  edges?: Resolver<Maybe<Array<ResolversTypes['InventoryItemEdge']>>, ParentType, ContextType>;
  nodes?: Resolver<Maybe<Array<Maybe<ResolversTypes['InventoryItem']>>>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
};

export type InventoryItemEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['InventoryItemEdge'] = ResolversParentTypes['InventoryItemEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<Maybe<ResolversTypes['InventoryItem']>, ParentType, ContextType>;
};

export interface JsonScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['JSON'], any> {
  name: 'JSON';
}

export type MessageResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Message'] = ResolversParentTypes['Message']> = {
  text?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type MutationResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  acceptInvitation?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType, RequireFields<MutationAcceptInvitationArgs, 'input'>>;
  activateUser?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType, RequireFields<MutationActivateUserArgs, 'id'>>;
  addInventoryItem?: Resolver<Maybe<ResolversTypes['InventoryItem']>, ParentType, ContextType, RequireFields<MutationAddInventoryItemArgs, 'input'>>;
  addPasskey?: Resolver<Maybe<ResolversTypes['AddedPasskey']>, ParentType, ContextType, RequireFields<MutationAddPasskeyArgs, 'name' | 'response'>>;
  addUserToAccount?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType, RequireFields<MutationAddUserToAccountArgs, 'accountId' | 'userId'>>;
  adjustInventoryCount?: Resolver<Maybe<ResolversTypes['InventoryItem']>, ParentType, ContextType, RequireFields<MutationAdjustInventoryCountArgs, 'by' | 'name'>>;
  allowRoles?: Resolver<Maybe<ResolversTypes['RoleExclusion']>, ParentType, ContextType, RequireFields<MutationAllowRolesArgs, 'a' | 'b' | 'kind'>>;
  assignRole?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType, RequireFields<MutationAssignRoleArgs, 'role' | 'userId'>>;
  changeMyEmail?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType, RequireFields<MutationChangeMyEmailArgs, 'email'>>;
  changePassword?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType, RequireFields<MutationChangePasswordArgs, 'current' | 'next'>>;
  completeLogin?: Resolver<Maybe<ResolversTypes['SignIn']>, ParentType, ContextType, RequireFields<MutationCompleteLoginArgs, 'challenge'>>;
  confirmEmail?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType, RequireFields<MutationConfirmEmailArgs, 'token'>>;
  confirmTotp?: Resolver<Maybe<ResolversTypes['RecoveryCodes']>, ParentType, ContextType, RequireFields<MutationConfirmTotpArgs, 'code'>>;
  createAccount?: Resolver<Maybe<ResolversTypes['Account']>, ParentType, ContextType, RequireFields<MutationCreateAccountArgs, 'input'>>;
  createApiKey?: Resolver<Maybe<ResolversTypes['CreatedApiKey']>, ParentType, ContextType, RequireFields<MutationCreateApiKeyArgs, 'input'>>;
  createDocument?: Resolver<Maybe<ResolversTypes['Document']>, ParentType, ContextType, RequireFields<MutationCreateDocumentArgs, 'input'>>;
  createRole?: Resolver<Maybe<ResolversTypes['RoleDefinition']>, ParentType, ContextType, RequireFields<MutationCreateRoleArgs, 'input'>>;
  createUser?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType, RequireFields<MutationCreateUserArgs, 'input'>>;
  createWebhook?: Resolver<Maybe<ResolversTypes['WebhookSecret']>, ParentType, ContextType, RequireFields<MutationCreateWebhookArgs, 'input'>>;
  deactivateUser?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType, RequireFields<MutationDeactivateUserArgs, 'id'>>;
  deleteAccount?: Resolver<Maybe<ResolversTypes['Account']>, ParentType, ContextType, RequireFields<MutationDeleteAccountArgs, 'id'>>;
  deleteDocument?: Resolver<Maybe<ResolversTypes['Document']>, ParentType, ContextType, RequireFields<MutationDeleteDocumentArgs, 'id'>>;
  deleteInventoryItem?: Resolver<Maybe<ResolversTypes['InventoryItem']>, ParentType, ContextType, RequireFields<MutationDeleteInventoryItemArgs, 'name'>>;
  deletePasskey?: Resolver<Maybe<ResolversTypes['Passkey']>, ParentType, ContextType, RequireFields<MutationDeletePasskeyArgs, 'id'>>;
  deleteRole?: Resolver<Maybe<ResolversTypes['RoleDefinition']>, ParentType, ContextType, RequireFields<MutationDeleteRoleArgs, 'name'>>;
  deleteWebhook?: Resolver<Maybe<ResolversTypes['Webhook']>, ParentType, ContextType, RequireFields<MutationDeleteWebhookArgs, 'id'>>;
  disableTotp?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType, Partial<MutationDisableTotpArgs>>;
  endSession?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType, RequireFields<MutationEndSessionArgs, 'id'>>;
  endSessionsOfUser?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType, RequireFields<MutationEndSessionsOfUserArgs, 'userId'>>;
  excludeRoles?: Resolver<Maybe<ResolversTypes['RoleExclusion']>, ParentType, ContextType, RequireFields<MutationExcludeRolesArgs, 'a' | 'b' | 'kind'>>;
  inviteUser?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType, RequireFields<MutationInviteUserArgs, 'email'>>;
  linkIdentity?: Resolver<Maybe<ResolversTypes['BegunSignIn']>, ParentType, ContextType, RequireFields<MutationLinkIdentityArgs, 'issuer'>>;
  login?: Resolver<Maybe<ResolversTypes['SignIn']>, ParentType, ContextType, RequireFields<MutationLoginArgs, 'cookie' | 'login' | 'password'>>;
  logout?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
  logoutEverywhere?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
  moveUser?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType, RequireFields<MutationMoveUserArgs, 'accountId' | 'userId'>>;
  reauthenticate?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType, Partial<MutationReauthenticateArgs>>;
  refreshSession?: Resolver<Maybe<ResolversTypes['SignIn']>, ParentType, ContextType, RequireFields<MutationRefreshSessionArgs, 'refreshToken'>>;
  register?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType, RequireFields<MutationRegisterArgs, 'input'>>;
  removeUser?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType, RequireFields<MutationRemoveUserArgs, 'id'>>;
  removeUserFromAccount?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType, RequireFields<MutationRemoveUserFromAccountArgs, 'accountId' | 'userId'>>;
  renamePasskey?: Resolver<Maybe<ResolversTypes['Passkey']>, ParentType, ContextType, RequireFields<MutationRenamePasskeyArgs, 'id' | 'name'>>;
  renewRecoveryCodes?: Resolver<Maybe<ResolversTypes['RecoveryCodes']>, ParentType, ContextType, Partial<MutationRenewRecoveryCodesArgs>>;
  requestEmailConfirmation?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType, RequireFields<MutationRequestEmailConfirmationArgs, 'login'>>;
  requestPasswordReset?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType, RequireFields<MutationRequestPasswordResetArgs, 'login'>>;
  resendWebhookDeliveries?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType, RequireFields<MutationResendWebhookDeliveriesArgs, 'id'>>;
  resetPassword?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType, RequireFields<MutationResetPasswordArgs, 'next' | 'token'>>;
  resetSecondFactor?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType, RequireFields<MutationResetSecondFactorArgs, 'userId'>>;
  revokeApiKey?: Resolver<Maybe<ResolversTypes['ApiKey']>, ParentType, ContextType, RequireFields<MutationRevokeApiKeyArgs, 'id'>>;
  revokeRole?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType, RequireFields<MutationRevokeRoleArgs, 'role' | 'userId'>>;
  rotateWebhookSecret?: Resolver<Maybe<ResolversTypes['WebhookSecret']>, ParentType, ContextType, RequireFields<MutationRotateWebhookSecretArgs, 'id'>>;
  setInventoryCount?: Resolver<Maybe<ResolversTypes['InventoryItem']>, ParentType, ContextType, RequireFields<MutationSetInventoryCountArgs, 'count' | 'name'>>;
  signInByPasskey?: Resolver<Maybe<ResolversTypes['SignIn']>, ParentType, ContextType, RequireFields<MutationSignInByPasskeyArgs, 'cookie' | 'response'>>;
  startPasskey?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  startPasskeyConfirmation?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  startPasskeySignIn?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  startReauthentication?: Resolver<Maybe<ResolversTypes['BegunSignIn']>, ParentType, ContextType, RequireFields<MutationStartReauthenticationArgs, 'issuer'>>;
  startSignIn?: Resolver<Maybe<ResolversTypes['BegunSignIn']>, ParentType, ContextType, RequireFields<MutationStartSignInArgs, 'issuer'>>;
  startTotp?: Resolver<Maybe<ResolversTypes['TotpEnrolment']>, ParentType, ContextType>;
  testWebhook?: Resolver<Maybe<ResolversTypes['WebhookDelivery']>, ParentType, ContextType, RequireFields<MutationTestWebhookArgs, 'id'>>;
  unlinkIdentity?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType, RequireFields<MutationUnlinkIdentityArgs, 'id'>>;
  updateAccount?: Resolver<Maybe<ResolversTypes['Account']>, ParentType, ContextType, RequireFields<MutationUpdateAccountArgs, 'id' | 'input'>>;
  updateDocument?: Resolver<Maybe<ResolversTypes['Document']>, ParentType, ContextType, RequireFields<MutationUpdateDocumentArgs, 'id' | 'input'>>;
  updateInventoryItem?: Resolver<Maybe<ResolversTypes['InventoryItem']>, ParentType, ContextType, RequireFields<MutationUpdateInventoryItemArgs, 'input'>>;
  updateMe?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType, RequireFields<MutationUpdateMeArgs, 'input'>>;
  updateMyAccount?: Resolver<Maybe<ResolversTypes['Account']>, ParentType, ContextType, RequireFields<MutationUpdateMyAccountArgs, 'input'>>;
  updateRole?: Resolver<Maybe<ResolversTypes['RoleDefinition']>, ParentType, ContextType, RequireFields<MutationUpdateRoleArgs, 'input' | 'name'>>;
  updateUser?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType, RequireFields<MutationUpdateUserArgs, 'id' | 'input'>>;
  updateWebhook?: Resolver<Maybe<ResolversTypes['Webhook']>, ParentType, ContextType, RequireFields<MutationUpdateWebhookArgs, 'id' | 'input'>>;
  viewAs?: Resolver<Maybe<ResolversTypes['ViewAs']>, ParentType, ContextType, Partial<MutationViewAsArgs>>;
};

export type PageInfoResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type PasskeyResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Passkey'] = ResolversParentTypes['Passkey']> = {
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  lastUsedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type PermissionDefinitionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['PermissionDefinition'] = ResolversParentTypes['PermissionDefinition']> = {
  coordinates?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  opens?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
};

export interface PhoneNumberScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['PhoneNumber'], any> {
  name: 'PhoneNumber';
}

export type QueryResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  accessMatrix?: Resolver<Maybe<ResolversTypes['AccessMatrix']>, ParentType, ContextType, Partial<QueryAccessMatrixArgs>>;
  account?: Resolver<Maybe<ResolversTypes['Account']>, ParentType, ContextType, RequireFields<QueryAccountArgs, 'id'>>;
  accounts?: Resolver<Maybe<ResolversTypes['AccountConnection']>, ParentType, ContextType, Partial<QueryAccountsArgs>>;
  adminMessage?: Resolver<Maybe<ResolversTypes['Message']>, ParentType, ContextType>;
  apiKeys?: Resolver<Maybe<ResolversTypes['ApiKeyConnection']>, ParentType, ContextType, Partial<QueryApiKeysArgs>>;
  auditEvents?: Resolver<Maybe<ResolversTypes['AuditEventConnection']>, ParentType, ContextType, Partial<QueryAuditEventsArgs>>;
  auditVerification?: Resolver<Maybe<ResolversTypes['AuditVerification']>, ParentType, ContextType>;
  document?: Resolver<Maybe<ResolversTypes['Document']>, ParentType, ContextType, RequireFields<QueryDocumentArgs, 'id'>>;
  documents?: Resolver<Maybe<ResolversTypes['DocumentConnection']>, ParentType, ContextType, Partial<QueryDocumentsArgs>>;
  explainAccess?: Resolver<Maybe<ResolversTypes['AccessExplanation']>, ParentType, ContextType, RequireFields<QueryExplainAccessArgs, 'operation'>>;
  identities?: Resolver<Maybe<Array<ResolversTypes['Identity']>>, ParentType, ContextType>;
  inventoryItem?: Resolver<Maybe<ResolversTypes['InventoryItem']>, ParentType, ContextType, RequireFields<QueryInventoryItemArgs, 'name'>>;
  inventoryItems?: Resolver<Maybe<ResolversTypes['InventoryItemConnection']>, ParentType, ContextType, Partial<QueryInventoryItemsArgs>>;
  me?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  myAccount?: Resolver<Maybe<ResolversTypes['Account']>, ParentType, ContextType>;
  passkeyDomain?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  permissions?: Resolver<Maybe<Array<ResolversTypes['PermissionDefinition']>>, ParentType, ContextType>;
  protectedMessage?: Resolver<Maybe<ResolversTypes['Message']>, ParentType, ContextType>;
  publicMessage?: Resolver<Maybe<ResolversTypes['Message']>, ParentType, ContextType>;
  roleExclusions?: Resolver<Maybe<Array<ResolversTypes['RoleExclusion']>>, ParentType, ContextType>;
  roles?: Resolver<Maybe<ResolversTypes['RoleDefinitionConnection']>, ParentType, ContextType, Partial<QueryRolesArgs>>;
  secondFactor?: Resolver<Maybe<ResolversTypes['SecondFactor']>, ParentType, ContextType>;
  sessions?: Resolver<Maybe<ResolversTypes['SessionConnection']>, ParentType, ContextType, Partial<QuerySessionsArgs>>;
  signInIssuers?: Resolver<Array<ResolversTypes['SignInIssuer']>, ParentType, ContextType>;
  user?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType, RequireFields<QueryUserArgs, 'id'>>;
  users?: Resolver<Maybe<ResolversTypes['UserConnection']>, ParentType, ContextType, Partial<QueryUsersArgs>>;
  viewer?: Resolver<ResolversTypes['Viewer'], ParentType, ContextType>;
  webhook?: Resolver<Maybe<ResolversTypes['Webhook']>, ParentType, ContextType, RequireFields<QueryWebhookArgs, 'id'>>;
  webhooks?: Resolver<Maybe<Array<ResolversTypes['Webhook']>>, ParentType, ContextType>;
};

export type RecoveryCodesResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RecoveryCodes'] = ResolversParentTypes['RecoveryCodes']> = {
  codes?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
};

export type RoleDefinitionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RoleDefinition'] = ResolversParentTypes['RoleDefinition']> = {
  assignable?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  builtIn?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  description?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  inherits?: Resolver<Array<ResolversTypes['RoleName']>, ParentType, ContextType>;
  name?: Resolver<ResolversTypes['RoleName'], ParentType, ContextType>;
  permissions?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
  users?: Resolver<Maybe<ResolversTypes['UserConnection']>, ParentType, ContextType, Partial<RoleDefinitionUsersArgs>>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type RoleDefinitionConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RoleDefinitionConnection'] = ResolversParentTypes['RoleDefinitionConnection']> = {
  edges?: Resolver<Maybe<Array<ResolversTypes['RoleDefinitionEdge']>>, ParentType, ContextType>;
  nodes?: Resolver<Maybe<Array<Maybe<ResolversTypes['RoleDefinition']>>>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
};

export type RoleDefinitionEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RoleDefinitionEdge'] = ResolversParentTypes['RoleDefinitionEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<Maybe<ResolversTypes['RoleDefinition']>, ParentType, ContextType>;
};

export type RoleExclusionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RoleExclusion'] = ResolversParentTypes['RoleExclusion']> = {
  a?: Resolver<ResolversTypes['RoleName'], ParentType, ContextType>;
  b?: Resolver<ResolversTypes['RoleName'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['ExclusionKind'], ParentType, ContextType>;
};

export interface RoleNameScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['RoleName'], any> {
  name: 'RoleName';
}

export type SecondFactorResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['SecondFactor'] = ResolversParentTypes['SecondFactor']> = {
  enabledAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  passkeys?: Resolver<Maybe<Array<ResolversTypes['Passkey']>>, ParentType, ContextType>;
  recoveryCodesLeft?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type SessionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Session'] = ResolversParentTypes['Session']> = {
  address?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  current?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  device?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  lastUsedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type SessionConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['SessionConnection'] = ResolversParentTypes['SessionConnection']> = {
  edges?: Resolver<Maybe<Array<ResolversTypes['SessionEdge']>>, ParentType, ContextType>;
  nodes?: Resolver<Maybe<Array<Maybe<ResolversTypes['Session']>>>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
};

export type SessionEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['SessionEdge'] = ResolversParentTypes['SessionEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<Maybe<ResolversTypes['Session']>, ParentType, ContextType>;
};

export type SignInResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['SignIn'] = ResolversParentTypes['SignIn']> = {
  accessToken?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  refreshToken?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type SignInIssuerResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['SignInIssuer'] = ResolversParentTypes['SignInIssuer']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  label?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  reauthenticates?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export type SubscriptionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  auditEventAdded?: SubscriptionResolver<Maybe<ResolversTypes['AuditEvent']>, "auditEventAdded", ParentType, ContextType, Partial<SubscriptionAuditEventAddedArgs>>;
  documentChanged?: SubscriptionResolver<Maybe<ResolversTypes['DocumentChange']>, "documentChanged", ParentType, ContextType, Partial<SubscriptionDocumentChangedArgs>>;
  inventoryChanged?: SubscriptionResolver<Maybe<ResolversTypes['InventoryChange']>, "inventoryChanged", ParentType, ContextType, Partial<SubscriptionInventoryChangedArgs>>;
};

export type TotpEnrolmentResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['TotpEnrolment'] = ResolversParentTypes['TotpEnrolment']> = {
  secret?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  uri?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type UserResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User']> = {
  account?: Resolver<Maybe<ResolversTypes['Account']>, ParentType, ContextType>;
  active?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  displayName?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  email?: Resolver<ResolversTypes['EmailAddress'], ParentType, ContextType>;
  emailVerified?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  roles?: Resolver<Array<ResolversTypes['RoleName']>, ParentType, ContextType>;
  updatedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  username?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type UserConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['UserConnection'] = ResolversParentTypes['UserConnection']> = {
  edges?: Resolver<Maybe<Array<ResolversTypes['UserEdge']>>, ParentType, ContextType>;
  nodes?: Resolver<Maybe<Array<Maybe<ResolversTypes['User']>>>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
};

export type UserEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['UserEdge'] = ResolversParentTypes['UserEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
};

export type ViewAsResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['ViewAs'] = ResolversParentTypes['ViewAs']> = {
  accessToken?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type ViewerResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Viewer'] = ResolversParentTypes['Viewer']> = {
  authenticatedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  can?: Resolver<Maybe<Array<ResolversTypes['CoordinateVerdict']>>, ParentType, ContextType, RequireFields<ViewerCanArgs, 'coordinates'>>;
  effectiveRoles?: Resolver<Array<ResolversTypes['RoleName']>, ParentType, ContextType>;
  id?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  permissions?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
  roles?: Resolver<Array<ResolversTypes['RoleName']>, ParentType, ContextType>;
  secondFactorRequired?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  signedIn?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  viewedBy?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
};

export type WebhookResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Webhook'] = ResolversParentTypes['Webhook']> = {
  actions?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  deliveries?: Resolver<Array<ResolversTypes['WebhookDelivery']>, ParentType, ContextType, RequireFields<WebhookDeliveriesArgs, 'first'>>;
  disabledBecause?: Resolver<Maybe<ResolversTypes['WebhookDisabledReason']>, ParentType, ContextType>;
  enabled?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  failingSince?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  nextAttemptAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  url?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type WebhookDeliveryResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['WebhookDelivery'] = ResolversParentTypes['WebhookDelivery']> = {
  action?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  attemptedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  attempts?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  event?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  failure?: Resolver<Maybe<ResolversTypes['WebhookFailure']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['WebhookDeliveryState'], ParentType, ContextType>;
  status?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
};

export type WebhookSecretResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['WebhookSecret'] = ResolversParentTypes['WebhookSecret']> = {
  secret?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  webhook?: Resolver<ResolversTypes['Webhook'], ParentType, ContextType>;
};

export type Resolvers<ContextType = RequestContext> = {
  AccessExplanation?: AccessExplanationResolvers<ContextType>;
  AccessMatrix?: AccessMatrixResolvers<ContextType>;
  AccessMatrixRow?: AccessMatrixRowResolvers<ContextType>;
  Account?: AccountResolvers<ContextType>;
  AccountConnection?: AccountConnectionResolvers<ContextType>;
  AccountEdge?: AccountEdgeResolvers<ContextType>;
  AddedPasskey?: AddedPasskeyResolvers<ContextType>;
  ApiKey?: ApiKeyResolvers<ContextType>;
  ApiKeyConnection?: ApiKeyConnectionResolvers<ContextType>;
  ApiKeyEdge?: ApiKeyEdgeResolvers<ContextType>;
  AuditEvent?: AuditEventResolvers<ContextType>;
  AuditEventConnection?: AuditEventConnectionResolvers<ContextType>;
  AuditEventEdge?: AuditEventEdgeResolvers<ContextType>;
  AuditVerification?: AuditVerificationResolvers<ContextType>;
  BegunSignIn?: BegunSignInResolvers<ContextType>;
  CoordinateVerdict?: CoordinateVerdictResolvers<ContextType>;
  CreatedApiKey?: CreatedApiKeyResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  Document?: DocumentResolvers<ContextType>;
  DocumentChange?: DocumentChangeResolvers<ContextType>;
  DocumentConnection?: DocumentConnectionResolvers<ContextType>;
  DocumentEdge?: DocumentEdgeResolvers<ContextType>;
  EmailAddress?: GraphQLScalarType;
  ExplainedCoordinate?: ExplainedCoordinateResolvers<ContextType>;
  ExplainedRequirement?: ExplainedRequirementResolvers<ContextType>;
  IBAN?: GraphQLScalarType;
  Identity?: IdentityResolvers<ContextType>;
  InventoryChange?: InventoryChangeResolvers<ContextType>;
  InventoryItem?: InventoryItemResolvers<ContextType>;
  InventoryItemConnection?: InventoryItemConnectionResolvers<ContextType>;
  InventoryItemEdge?: InventoryItemEdgeResolvers<ContextType>;
  JSON?: GraphQLScalarType;
  Message?: MessageResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  Passkey?: PasskeyResolvers<ContextType>;
  PermissionDefinition?: PermissionDefinitionResolvers<ContextType>;
  PhoneNumber?: GraphQLScalarType;
  Query?: QueryResolvers<ContextType>;
  RecoveryCodes?: RecoveryCodesResolvers<ContextType>;
  RoleDefinition?: RoleDefinitionResolvers<ContextType>;
  RoleDefinitionConnection?: RoleDefinitionConnectionResolvers<ContextType>;
  RoleDefinitionEdge?: RoleDefinitionEdgeResolvers<ContextType>;
  RoleExclusion?: RoleExclusionResolvers<ContextType>;
  RoleName?: GraphQLScalarType;
  SecondFactor?: SecondFactorResolvers<ContextType>;
  Session?: SessionResolvers<ContextType>;
  SessionConnection?: SessionConnectionResolvers<ContextType>;
  SessionEdge?: SessionEdgeResolvers<ContextType>;
  SignIn?: SignInResolvers<ContextType>;
  SignInIssuer?: SignInIssuerResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  TotpEnrolment?: TotpEnrolmentResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  UserConnection?: UserConnectionResolvers<ContextType>;
  UserEdge?: UserEdgeResolvers<ContextType>;
  ViewAs?: ViewAsResolvers<ContextType>;
  Viewer?: ViewerResolvers<ContextType>;
  Webhook?: WebhookResolvers<ContextType>;
  WebhookDelivery?: WebhookDeliveryResolvers<ContextType>;
  WebhookSecret?: WebhookSecretResolvers<ContextType>;
};

export type DirectiveResolvers<ContextType = RequestContext> = {
  auth?: AuthDirectiveResolver<any, any, ContextType>;
  inherits?: InheritsDirectiveResolver<any, any, ContextType>;
  public?: PublicDirectiveResolver<any, any, ContextType>;
  reads?: ReadsDirectiveResolver<any, any, ContextType>;
  semanticNonNull?: SemanticNonNullDirectiveResolver<any, any, ContextType>;
};
