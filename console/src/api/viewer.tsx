import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react';
import { type Client, Provider } from 'urql';
import {
  type AccessVerdict,
  SignInDocument,
  SignOutDocument,
  ViewerDocument,
  type ViewerQuery,
} from '../generated/graphql.ts';
import { createApiClient } from './client.ts';
import { describe } from './errors.ts';

/** A user of the demo, with a password that the page shows. */
export interface DemoLogin {
  readonly username: string;
  readonly password: string;
  readonly role: string;
}

/** The demo's users, which the server writes into the page; empty outside of the demo. */
export const demoLogins: readonly DemoLogin[] = readLogins();

function readLogins(): readonly DemoLogin[] {
  const content = document.querySelector<HTMLMetaElement>('meta[name="rolegate-logins"]')?.content ?? '[]';
  return content.startsWith('[') ? (JSON.parse(content) as readonly DemoLogin[]) : [];
}

/** What the API says about the person in front of the console. */
export interface ViewerState {
  readonly id: string | null;
  readonly signedIn: boolean;
  readonly roles: readonly string[];
  readonly effectiveRoles: readonly string[];
  readonly permissions: readonly string[];
  /** Reports if the API would let the viewer reach a coordinate: always, or for objects of their own. */
  readonly can: (coordinate: string) => boolean;
  readonly verdict: (coordinate: string) => AccessVerdict;
  /** True if the server ended the session. */
  readonly ended: boolean;
  readonly signIn: (login: string, password: string) => Promise<boolean>;
  readonly signOut: () => Promise<void>;
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
  readonly children: ReactNode;
}

interface Answer {
  readonly client: Client;
  readonly viewer: ViewerQuery['viewer'];
}

/** Asks the API who the viewer is and what they may reach; everything below follows from its answer. */
export function ViewerProvider({ coordinates, loading, failed, children }: ViewerProviderProps): ReactNode {
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [ended, setEnded] = useState(false);
  const latest = useRef(0);

  const load = useCallback(async (): Promise<void> => {
    const number = ++latest.current;
    const client = createApiClient(() => {
      if (number === latest.current) {
        setEnded(true);
        void load();
      }
    });
    const result = await client.query(ViewerDocument, { coordinates: [...coordinates] }).toPromise();
    if (number !== latest.current) {
      return;
    }
    if (result.data === undefined) {
      setFailure(result.error === undefined ? '' : describe(result.error));
    } else {
      setFailure(null);
      setAnswer({ client, viewer: result.data.viewer });
    }
  }, [coordinates]);

  useEffect(() => void load(), [load]);

  const state = useMemo((): ViewerState | null => {
    if (answer === null) {
      return null;
    }
    const { client, viewer } = answer;
    const verdicts = new Map(viewer.can?.map(({ coordinate, verdict }) => [coordinate, verdict]));
    const verdict = (coordinate: string): AccessVerdict => verdicts.get(coordinate) ?? 'NO';
    return {
      ...viewer,
      ended,
      verdict,
      can: (coordinate) => verdict(coordinate) !== 'NO',
      signIn: async (login, password) => {
        const { data } = await client.mutation(SignInDocument, { login, password }).toPromise();
        if (!data?.login) {
          return false;
        }
        setEnded(false);
        await load();
        return true;
      },
      signOut: async () => {
        await client.mutation(SignOutDocument, {}).toPromise();
        setEnded(false);
        await load();
      },
    };
  }, [answer, ended, load]);

  if (failure !== null) {
    return failed(failure, () => void load());
  }
  if (state === null || answer === null) {
    return loading;
  }
  return (
    <Provider value={answer.client}>
      <ViewerContext value={state}>{children}</ViewerContext>
    </Provider>
  );
}
