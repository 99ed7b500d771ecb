import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react';
import { type Client, Provider } from 'urql';
import {
  type AccessVerdict,
  CompleteSignInByPasskeyDocument,
  CompleteSignInDocument,
  SignInByPasskeyDocument,
  SignInDocument,
  SignOutDocument,
  StartPasskeySignInDocument,
  ViewAsDocument,
  ViewerDocument,
  type ViewerQuery,
} from '../generated/graphql.ts';
import { createApiClient } from './client.ts';
import { text } from '../text.ts';
import { describe } from './errors.ts';
import { getPasskey } from './passkeys.ts';
import { type SignInAgain, SignInAgainDialog } from '../ui/sign-in-again.tsx';

/** A view of the API by an access token instead of the session: as another user or role, or a side of a comparison. */
export interface View {
  readonly token: string;
  /** The user or the role, as the console shows it. */
  readonly name: string;
  /** True if the server refuses every mutation of the view. */
  readonly isReadOnly: boolean;
  /** True if it is one side of a comparison, which has no title of its own. */
  readonly isSide: boolean;
}

/** The outcome of a password: signed in, wrong, or right with a challenge that a second factor answers. */
export type SignInOutcome = 'signed in' | 'wrong' | Challenge;

/** The challenge of a login that waits for a second factor. */
export interface Challenge {
  readonly challenge: string;
  /** The options with which the browser asks for a passkey; null: the person has none. */
  readonly passkey: unknown;
}

/** The API's description of the viewer. */
export interface ViewerState {
  readonly id: string | null;
  readonly signedIn: boolean;
  /** True while roles of the viewer wait for a second factor. */
  readonly secondFactorRequired: boolean;
  readonly roles: readonly string[];
  readonly effectiveRoles: readonly string[];
  readonly permissions: readonly string[];
  /** Reports if the API would let the viewer reach a coordinate: always, or for objects of their own. */
  readonly can: (coordinate: string) => boolean;
  readonly verdict: (coordinate: string) => AccessVerdict;
  /** True if the server ended the session. */
  readonly ended: boolean;
  readonly signIn: (login: string, password: string) => Promise<SignInOutcome>;
  /** Signs in by the second factor. Returns true unless the challenge or the code is refused. */
  readonly completeSignIn: (challenge: string, code: string) => Promise<boolean>;
  /** Signs in by a passkey: after the password, or alone. Returns false if it is refused; null if the person declines. */
  readonly signInByPasskey: (after: Challenge | null) => Promise<boolean | null>;
  /** Asks the API again who the viewer is. */
  readonly reload: () => Promise<void>;
  readonly signOut: () => Promise<void>;
  /** The view that is shown instead of the viewer's own; null in any other case. */
  readonly view: View | null;
  /** Shows everything as another user or role. Returns a message if that is refused. */
  readonly viewAs: (
    target: { readonly userId: string } | { readonly role: string },
    name: string,
  ) => Promise<string | null>;
  readonly endView: () => Promise<void>;
}

const ViewerContext = createContext<ViewerState | null>(null);

/** @throws outside of {@link ViewerProvider} */
export function useViewer(): ViewerState {
  const state = useContext(ViewerContext);
  if (state === null) {
    throw new Error('There is no viewer here');
  }
  return state;
}

interface ViewerProviderProps {
  /** All coordinates that the console asks about. */
  readonly coordinates: readonly string[];
  readonly loading: ReactNode;
  readonly failed: (message: string, retry: () => void) => ReactNode;
  /** The view to start with, by default that of the session. */
  readonly start?: View | null;
  /** Called when the view to start with has ended. */
  readonly onEnded?: () => void;
  readonly children: ReactNode;
}

interface Answer {
  readonly client: Client;
  readonly viewer: ViewerQuery['viewer'];
  readonly view: View | null;
}

/** Signs in by a passkey. Returns null if the person declines. */
async function signInByPasskey(client: Client, after: Challenge | null): Promise<boolean | null> {
  const options =
    after === null
      ? (await client.mutation(StartPasskeySignInDocument, {}).toPromise()).data?.startPasskeySignIn
      : after.passkey;
  const response = options == null ? null : await getPasskey(options);
  if (response === null) {
    return options == null ? false : null;
  }
  if (after === null) {
    const { data } = await client.mutation(SignInByPasskeyDocument, { response }).toPromise();
    return data?.signInByPasskey != null;
  }
  const variables = { challenge: after.challenge, passkey: response };
  const { data } = await client.mutation(CompleteSignInByPasskeyDocument, variables).toPromise();
  return data?.completeLogin != null;
}

/** Asks the API who the viewer is and what they may reach; everything below follows from its answer. */
export function ViewerProvider(props: ViewerProviderProps): ReactNode {
  const { coordinates, loading, failed, start = null, onEnded, children } = props;
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [ended, setEnded] = useState(false);
  const latest = useRef(0);
  const [asked, setAsked] = useState<SignInAgain | null>(null);

  const asking = useRef<Promise<boolean> | null>(null);
  // Changes that are sent at once wait for one answer.
  const askToSignInAgain = useCallback(() => {
    asking.current ??= new Promise<boolean>((resolve) => {
      const onDone = (isDone: boolean): void => {
        asking.current = null;
        setAsked(null);
        resolve(isDone);
      };
      setAsked({ onDone });
    });
    return asking.current;
  }, []);

  const load = useCallback(
    async (view: View | null): Promise<void> => {
      const number = ++latest.current;
      const client = createApiClient(
        askToSignInAgain,
        () => {
          if (number !== latest.current) {
            return;
          }
          if (start !== null) {
            onEnded?.();
            return;
          }
          setEnded(view === null);
          void load(null);
        },
        view?.token,
      );
      const result = await client.query(ViewerDocument, { coordinates: [...coordinates] }).toPromise();
      if (number !== latest.current) {
        return;
      }
      if (result.data === undefined) {
        setFailure(result.error === undefined ? '' : describe(result.error));
      } else {
        setFailure(null);
        setAnswer({ client, viewer: result.data.viewer, view });
      }
    },
    [coordinates, start, onEnded, askToSignInAgain],
  );

  useEffect(() => void load(start), [load, start]);

  const state = useMemo((): ViewerState | null => {
    if (answer === null) {
      return null;
    }
    const { client, viewer, view } = answer;
    const verdicts = new Map(viewer.can?.map(({ coordinate, verdict }) => [coordinate, verdict]));
    const verdict = (coordinate: string): AccessVerdict =>
      view?.isReadOnly === true && coordinate.startsWith('Mutation.') ? 'NO' : (verdicts.get(coordinate) ?? 'NO');
    return {
      ...viewer,
      ended,
      verdict,
      can: (coordinate) => verdict(coordinate) !== 'NO',
      signIn: async (login, password) => {
        const { data, error } = await client.mutation(SignInDocument, { login, password }).toPromise();
        if (!data?.login) {
          const challenge: unknown = error?.graphQLErrors[0]?.extensions['challenge'];
          const passkey: unknown = error?.graphQLErrors[0]?.extensions['passkey'] ?? null;
          return typeof challenge === 'string' ? { challenge, passkey } : 'wrong';
        }
        setEnded(false);
        await load(null);
        return 'signed in';
      },
      completeSignIn: async (challenge, code) => {
        const { data } = await client.mutation(CompleteSignInDocument, { challenge, code }).toPromise();
        if (!data?.completeLogin) {
          return false;
        }
        setEnded(false);
        await load(null);
        return true;
      },
      signInByPasskey: async (after) => {
        const isSignedIn = await signInByPasskey(client, after);
        if (isSignedIn === true) {
          setEnded(false);
          await load(null);
        }
        return isSignedIn;
      },
      reload: () => load(view),
      signOut: async () => {
        await client.mutation(SignOutDocument, {}).toPromise();
        setEnded(false);
        await load(null);
      },
      view,
      viewAs: async (target, name) => {
        const { data, error } = await client.mutation(ViewAsDocument, target).toPromise();
        if (!data?.viewAs) {
          return error === undefined ? text.states.missing : describe(error);
        }
        await load({ token: data.viewAs.accessToken, name, isReadOnly: true, isSide: false });
        return null;
      },
      endView: () => load(null),
    };
  }, [answer, ended, load]);

  if (failure !== null) {
    return failed(failure, () => void load(start));
  }
  if (state === null || answer === null) {
    return loading;
  }
  return (
    <Provider value={answer.client}>
      <ViewerContext value={state}>{children}</ViewerContext>
      {asked !== null && <SignInAgainDialog {...asked} />}
    </Provider>
  );
}
