import {
  Alert,
  Anchor,
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
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useQuery } from 'urql';
import { Link, Router, useLocation } from 'wouter';
import { issuerReturn } from './api/issuers.ts';
import { useViewer } from './api/viewer.tsx';
import { demoLogins } from './demo.ts';
import { MeDocument } from './generated/graphql.ts';
import { Pages } from './pages.tsx';
import { isReachable, pages } from './routes.ts';
import { text } from './text.ts';
import { ViewBanner } from './ui/view-as.tsx';

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

/** Says why a sign-in at an external issuer came to nothing. */
function IssuerNote() {
  const [message, setMessage] = useState(issuerReturn.message);
  return message === null ? null : (
    <Alert
      color="orange"
      variant="outline"
      mb="md"
      role="alert"
      withCloseButton
      closeButtonLabel={text.issuers.dismiss}
      onClose={() => setMessage(null)}
    >
      {message}
    </Alert>
  );
}

/** The pages that the API lets the viewer reach, and no others. */
function Navigation({ onChosen }: { readonly onChosen: () => void }) {
  const { can } = useViewer();
  const [location] = useLocation();
  const [{ data }] = useQuery({ query: MeDocument, pause: !can('Query.me') });
  const name = data?.me?.displayName;
  const groups = Object.entries(text.groups).map(([group, title]) => ({
    title: group === 'own' && name !== undefined ? text.signedInAs(name) : title,
    pages: pages.filter((page) => page.group === group && isReachable(page, can)),
  }));
  return (
    <>
      <NavLink component={Link} href="/" label={text.home.title} active={location === '/'} onClick={onChosen} />
      {groups
        .filter((group) => group.pages.length > 0)
        .map((group) => (
          <div key={group.title}>
            <Text size="xs" fw={700} mt="md" mb={4} px="sm" className="wrap">
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
      <div className="apart">
        {(demoLogins.length > 0 || can('Mutation.viewAs')) && (
          <NavLink
            component={Link}
            href="/compare"
            label={text.compare.title}
            active={location === '/compare'}
            onClick={onChosen}
          />
        )}
        <NavLink href="/graphiql" label={text.graphiql.title} />
      </div>
    </>
  );
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
  const { id, secondFactorRequired, view } = useViewer();
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
              {demoLogins.length > 0 && view === null && <RoleSwitch />}
              {view === null && <Account />}
            </Group>
          </Group>
        </AppShell.Header>
        <AppShell.Navbar p="sm" aria-label={text.menu}>
          <Navigation onChosen={close} />
        </AppShell.Navbar>
        <AppShell.Main>
          <ViewBanner />
          <IssuerNote />
          {secondFactorRequired && (
            <Alert color="orange" variant="outline" mb="md" role="status">
              {text.factors.required}{' '}
              <Anchor component={Link} href="/profile" inherit>
                {text.factors.title}
              </Anchor>
            </Alert>
          )}
          <Content key={view?.token ?? id ?? ''}>
            <Pages />
          </Content>
        </AppShell.Main>
      </AppShell>
    </Router>
  );
}
