import {
  Alert,
  AppShell,
  Burger,
  Button,
  Group,
  NativeSelect,
  NavLink,
  Text,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type ComponentType, lazy, type ReactNode, Suspense, useEffect, useRef } from 'react';
import { Link, Route, Router, Switch, useLocation } from 'wouter';
import { demoLogins, useViewer } from './api/viewer.tsx';
import { HomePage } from './pages/home.tsx';
import { SignInPage } from './pages/sign-in.tsx';
import type { AnyResource } from './resource.ts';
import { pages, resources } from './routes.ts';
import { text } from './text.ts';
import { DetailPage, ListPage } from './ui/resource-page.tsx';
import { Loading, Lock, PageTitle } from './ui/states.tsx';

const lazily: ReadonlyMap<string, ComponentType> = new Map(
  pages.flatMap(({ path, load }) =>
    load === undefined ? [] : [[path, lazy(async () => ({ default: await load() }))] as const],
  ),
);

function ThemeSwitch() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const next = scheme === 'light' ? 'dark' : 'light';
  return (
    <Button
      variant="subtle"
      px="xs"
      aria-label={text.theme[next]}
      title={text.theme[next]}
      onClick={() => setColorScheme(next)}
    >
      <span aria-hidden>{next === 'dark' ? '☾' : '☀'}</span>
    </Button>
  );
}

/** The demo's quick way from one role to the other: the same page, as someone else. */
function RoleSwitch() {
  const { roles, signIn } = useViewer();
  return (
    <NativeSelect
      aria-label={text.signIn.switch}
      size="sm"
      miw={90}
      maw={170}
      value={demoLogins.find(({ role }) => role === roles[0])?.username ?? ''}
      data={[
        { value: '', label: text.signIn.switch },
        ...demoLogins.map(({ username, role }) => ({ value: username, label: role })),
      ]}
      onChange={({ currentTarget }) => {
        const login = demoLogins.find(({ username }) => username === currentTarget.value);
        if (login !== undefined) {
          void signIn(login.username, login.password);
        }
      }}
    />
  );
}

function Account() {
  const { signedIn, signOut } = useViewer();
  if (!signedIn) {
    return (
      <Button component={Link} href="/sign-in" flex="none">
        {text.signIn.submit}
      </Button>
    );
  }
  return (
    <Button variant="default" flex="none" onClick={() => void signOut()}>
      {text.signIn.out}
    </Button>
  );
}

/** The pages that the API lets the viewer reach, and no others. */
function Navigation({ onChosen }: { readonly onChosen: () => void }) {
  const { can } = useViewer();
  const [location] = useLocation();
  const groups = Object.entries(text.groups).map(([group, title]) => ({
    title,
    pages: pages.filter((page) => page.group === group && can(page.coordinate)),
  }));
  return (
    <>
      <NavLink component={Link} href="/" label={text.home.title} active={location === '/'} onClick={onChosen} />
      {groups
        .filter((group) => group.pages.length > 0)
        .map((group) => (
          <div key={group.title}>
            <Text size="xs" fw={700} mt="md" mb={4} px="sm">
              {group.title}
            </Text>
            {group.pages.map(({ path, title }) => {
              const isHere = location === `/${path}` || location.startsWith(`/${path}/`);
              return (
                <NavLink
                  key={path}
                  component={Link}
                  href={`/${path}`}
                  label={title}
                  active={isHere}
                  aria-current={isHere ? 'page' : undefined}
                  onClick={onChosen}
                />
              );
            })}
          </div>
        ))}
      <NavLink href="/graphiql" label="GraphiQL" mt="md" />
    </>
  );
}

/** Shows a page only where the API lets the viewer reach it; a link to another page explains why it is refused. */
function Guarded({
  coordinate,
  title,
  children,
}: {
  readonly coordinate: string;
  readonly title: string;
  readonly children: ReactNode;
}) {
  const { can, roles } = useViewer();
  if (can(coordinate)) {
    return children;
  }
  return (
    <>
      <PageTitle>{title}</PageTitle>
      <Alert color="gray" variant="outline" title={text.states.refusedPage}>
        <Lock coordinate={coordinate} /> {text.lock(coordinate, roles.join(', '))}
      </Alert>
    </>
  );
}

function ResourceRoutes({ resource }: { readonly resource: AnyResource }) {
  const { path, coordinate, title, detail } = resource;
  return (
    <Switch>
      <Route path={`/${path}`}>
        <Guarded coordinate={coordinate} title={title}>
          <ListPage resource={resource} />
        </Guarded>
      </Route>
      <Route path={`/${path}/:id`}>
        {({ id }) => (
          <Guarded coordinate={detail?.coordinate ?? coordinate} title={title}>
            <DetailPage key={id} resource={resource} id={decodeURIComponent(id)} />
          </Guarded>
        )}
      </Route>
    </Switch>
  );
}

function Pages() {
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
  if (resource !== undefined) {
    return <ResourceRoutes key={first} resource={resource} />;
  }
  if (page !== undefined && Special !== undefined) {
    return (
      <Guarded coordinate={page.coordinate} title={page.title}>
        <Suspense fallback={<Loading height={600} />}>
          <Special />
        </Suspense>
      </Guarded>
    );
  }
  return <PageTitle>{text.states.unknownPage}</PageTitle>;
}

/** Moves the focus to the content when the page changes, as a page load would. */
function Content({ children }: { readonly children: ReactNode }) {
  const [location] = useLocation();
  const main = useRef<HTMLDivElement>(null);
  const before = useRef(location);
  useEffect(() => {
    if (before.current !== location) {
      before.current = location;
      main.current?.focus();
    }
  }, [location]);
  return (
    <div id="content" tabIndex={-1} ref={main}>
      {children}
    </div>
  );
}

/** The frame of every page, and the page that the address names. */
export function App() {
  const [isOpen, { toggle, close }] = useDisclosure();
  const { id } = useViewer();
  return (
    <Router base="/console">
      <a className="skip" href="#content">
        {text.skip}
      </a>
      <AppShell
        header={{ height: 60 }}
        navbar={{ width: 220, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
        padding="md"
      >
        <AppShell.Header>
          <Group h="100%" px="md" justify="space-between" wrap="nowrap" gap="xs">
            <Group gap="xs" wrap="nowrap">
              <Burger
                opened={isOpen}
                onClick={toggle}
                hiddenFrom="sm"
                size="sm"
                aria-label={text.menu}
                aria-expanded={isOpen}
              />
              <Text fw={700} visibleFrom="xs">
                {text.product}
              </Text>
            </Group>
            <Group gap="xs" wrap="nowrap">
              <ThemeSwitch />
              {demoLogins.length > 0 && <RoleSwitch />}
              <Account />
            </Group>
          </Group>
        </AppShell.Header>
        <AppShell.Navbar p="sm" aria-label={text.menu}>
          <Navigation onChosen={close} />
        </AppShell.Navbar>
        <AppShell.Main>
          <Content key={id ?? ''}>
            <Pages />
          </Content>
        </AppShell.Main>
      </AppShell>
    </Router>
  );
}
