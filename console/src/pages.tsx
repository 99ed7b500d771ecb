import { Alert, Anchor } from '@mantine/core';
import { type ComponentType, lazy, type ReactNode, Suspense } from 'react';
import { Link, Route as WouterRoute, Switch, useLocation } from 'wouter';
import { useViewer } from './api/viewer.tsx';
import { HomePage } from './pages/home.tsx';
import { SignInPage } from './pages/sign-in.tsx';
import type { TokenPath } from './pages/tokens.tsx';
import type { AnyResource } from './resource.ts';
import { isReachable, pages, resources, type Route } from './routes.ts';
import { text } from './text.ts';
import { DetailPage, ListPage } from './ui/resource-page.tsx';
import { Loading, Lock, PageTitle } from './ui/states.tsx';

const lazily: ReadonlyMap<string, ComponentType> = new Map(
  pages.flatMap(({ path, load }) =>
    load === undefined ? [] : [[path, lazy(async () => ({ default: await load() }))] as const],
  ),
);

const ComparePage = lazy(async () => ({ default: (await import('./pages/compare.tsx')).ComparePage }));

const TokenPage = lazy(async () => ({ default: (await import('./pages/tokens.tsx')).TokenPage }));

const TOKEN_PATHS: readonly string[] = ['reset-password', 'accept-invitation', 'confirm-email'] satisfies TokenPath[];

const isTokenPath = (path: string): path is TokenPath => TOKEN_PATHS.includes(path);

function Lazily({ page: Page }: { readonly page: ComponentType }) {
  return (
    <Suspense fallback={<Loading height={600} />}>
      <Page />
    </Suspense>
  );
}

/** Shows a page only where the API lets the viewer reach it; a link to another page explains why it is refused. */
function Guarded({
  page,
  children,
}: {
  readonly page: Pick<Route, 'coordinate' | 'otherwise' | 'title'>;
  readonly children: ReactNode;
}) {
  const { can, roles, signedIn, view } = useViewer();
  const { coordinate, title } = page;
  if (isReachable(page, can)) {
    return children;
  }
  return (
    <>
      <PageTitle>{title}</PageTitle>
      <Alert color="gray" variant="outline" title={signedIn ? text.states.refusedPage : text.states.signInFirst}>
        <Lock coordinate={coordinate} /> {text.lock(coordinate, roles.join(', '))}
        {!signedIn && view === null && (
          <>
            {' '}
            <Anchor component={Link} href="/sign-in">
              {text.signIn.title}
            </Anchor>
          </>
        )}
      </Alert>
    </>
  );
}

function ResourceRoutes({ resource }: { readonly resource: AnyResource }) {
  const { path, title, detail } = resource;
  return (
    <Switch>
      <WouterRoute path={`/${path}`}>
        <Guarded page={resource}>
          <ListPage resource={resource} />
        </Guarded>
      </WouterRoute>
      <WouterRoute path={`/${path}/:id`}>
        {({ id }) => (
          <Guarded page={detail === undefined ? resource : { coordinate: detail.coordinate, title }}>
            <DetailPage key={id} resource={resource} id={decodeURIComponent(id)} />
          </Guarded>
        )}
      </WouterRoute>
      <WouterRoute>
        <PageTitle>{text.states.unknownPage}</PageTitle>
      </WouterRoute>
    </Switch>
  );
}

/** The page that the address names. */
export function Pages() {
  const [location] = useLocation();
  const [, first = ''] = location.split('/');
  const resource = resources.find(({ path }) => path === first);
  const page = pages.find(({ path }) => path === first);
  const Special = lazily.get(first);
  if (first === '') {
    return <HomePage />;
  }
  if (first === 'sign-in') {
    return <SignInPage />;
  }
  if (isTokenPath(first)) {
    return (
      <Suspense fallback={<Loading height={600} />}>
        <TokenPage path={first} />
      </Suspense>
    );
  }
  if (first === 'compare') {
    return <Lazily page={ComparePage} />;
  }
  if (resource !== undefined) {
    return <ResourceRoutes key={first} resource={resource} />;
  }
  if (page !== undefined && Special !== undefined) {
    return (
      <Guarded page={page}>
        <Lazily page={Special} />
      </Guarded>
    );
  }
  return <PageTitle>{text.states.unknownPage}</PageTitle>;
}
