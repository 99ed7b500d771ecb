import { type Cache, cacheExchange } from '@urql/exchange-graphcache';
import type { Client as SocketClient } from 'graphql-ws';
import {
  type AnyVariables,
  Client,
  type CombinedError,
  type DocumentInput,
  fetchExchange,
  mapExchange,
  subscriptionExchange,
} from 'urql';
import { failureOf } from './errors.ts';

const ENDPOINT = '/graphql';

/** Loads the library for subscriptions only when a page subscribes. */
function createSocket(headers: Readonly<Record<string, string>>): () => Promise<SocketClient> {
  let socket: Promise<SocketClient> | null = null;
  const url = location.origin.replace(/^http/, 'ws') + ENDPOINT;
  return () => {
    socket ??= import('graphql-ws').then(({ createClient }) =>
      createClient({ url, lazy: true, connectionParams: { ...headers } }),
    );
    return socket;
  };
}

const subscribeOver = (socket: () => Promise<SocketClient>) =>
  subscriptionExchange({
    forwardSubscription: ({ query = '', variables }) => ({
      subscribe: (sink) => {
        let stop = (): void => undefined;
        let isStopped = false;
        void socket().then((client) => {
          if (!isStopped) {
            stop = client.subscribe({ query, variables: variables ?? {} }, sink as never);
          }
        });
        return {
          unsubscribe: () => {
            isStopped = true;
            stop();
          },
        };
      },
    }),
  });

/** Forgets the lists of a root field, so that they are read again when they are shown next. */
function forget(cache: Cache, field: string): void {
  cache
    .inspectFields('Query')
    .filter(({ fieldName }) => fieldName === field)
    .forEach(({ fieldKey }) => cache.invalidate('Query', fieldKey));
}

const forgets =
  (...fields: string[]) =>
  (_result: unknown, _args: unknown, cache: Cache) =>
    fields.forEach((field) => forget(cache, field));

/** An update as it will be if the server takes it; otherwise it is rolled back. */
const optimistically =
  (__typename: string, fields: object = {}) =>
  (args: Record<string, unknown>) =>
    ({ __typename, id: args['id'], ...(args['input'] as object | undefined), ...fields }) as never;

function createCache() {
  return cacheExchange({
    keys: {
      InventoryItem: ({ name }) => name as string,
      RoleDefinition: ({ name }) => name as string,
      AccessMatrix: () => null,
      AccessMatrixRow: () => null,
      AuditVerification: () => null,
      BegunSignIn: () => null,
      SecondFactor: () => null,
      Viewer: () => null,
    },
    updates: {
      Mutation: {
        createAccount: forgets('accounts'),
        deleteAccount: forgets('accounts'),
        createUser: forgets('users', 'myAccount'),
        removeUser: forgets('users', 'myAccount'),
        addInventoryItem: forgets('inventoryItems'),
        deleteInventoryItem: forgets('inventoryItems'),
        createDocument: forgets('documents'),
        deleteDocument: forgets('documents'),
      },
    },
    optimistic: {
      updateAccount: optimistically('Account'),
      updateDocument: optimistically('Document'),
      activateUser: optimistically('User', { active: true }),
      deactivateUser: optimistically('User', { active: false }),
    },
  });
}

/** Reports if a change was refused since the sign-in is too old. */
async function needsSignIn(response: Response): Promise<boolean> {
  const { errors = [] } = await (response.json() as Promise<FormattedAnswer>).catch((): FormattedAnswer => ({}));
  return errors.some(({ extensions }) => extensions?.code === 'STEP_UP_REQUIRED');
}

interface FormattedAnswer {
  readonly errors?: readonly { readonly extensions?: { readonly code?: string } }[];
}

/** Sends a change again after the person has signed in again, where that is what it needs. */
async function fetchRecent(
  input: RequestInfo | URL,
  init: RequestInit | undefined,
  signInAgain: () => Promise<boolean>,
): Promise<Response> {
  const response = await fetch(input, init);
  const isChange = typeof init?.body === 'string' && /"query":"\s*mutation\b/.test(init.body);
  return isChange && (await needsSignIn(response.clone())) && (await signInAgain()) ? fetch(input, init) : response;
}

/**
 * Creates a client for one viewer: its cache holds what this viewer was answered, and ends with it.
 *
 * @param signInAgain called when a change needs a recent sign-in; resolves to true once there is one
 * @param onEnded called when the server says that the session has ended
 * @param token an access token to use instead of the session cookie
 */
export function createApiClient(
  signInAgain: () => Promise<boolean>,
  onEnded: () => void,
  token: string | null = null,
): Client {
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  return new Client({
    url: ENDPOINT,
    preferGetMethod: false,
    fetch: (input, init) => fetchRecent(input, init, signInAgain),
    fetchOptions: { credentials: token === null ? 'same-origin' : 'omit', headers },
    exchanges: [
      mapExchange({
        onError: ({ response }: CombinedError) => {
          if ((response as Response | undefined)?.status === 401) {
            onEnded();
          }
        },
      }),
      createCache(),
      fetchExchange,
      subscribeOver(createSocket(headers)),
    ],
  });
}

/** Runs a mutation. Returns the messages of its error; null if it succeeded. */
export async function runMutation<Data, Variables extends AnyVariables>(
  client: Client,
  document: DocumentInput<Data, Variables>,
  variables: Variables,
): Promise<string | null> {
  const { error } = await client.mutation(document, variables).toPromise();
  return failureOf(error);
}
