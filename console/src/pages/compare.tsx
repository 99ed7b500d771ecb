import { Card, Group, NativeSelect, SimpleGrid, Text } from '@mantine/core';
import { useCallback, useEffect, useState } from 'react';
import { useClient, useQuery } from 'urql';
import { Router, useSearchParams } from 'wouter';
import { useSearch as useBrowserSearch } from 'wouter/use-browser-location';
import { useViewer, type View, ViewerProvider } from '../api/viewer.tsx';
import { demoLogins } from '../demo.ts';
import { RolesDocument, SignInForTokenDocument, ViewAsDocument } from '../generated/graphql.ts';
import { Pages } from '../pages.tsx';
import { coordinates, isReachable, pages } from '../routes.ts';
import { strip } from '../api/strip.ts';
import { text } from '../text.ts';
import { Failed, Loading, PageTitle } from '../ui/states.tsx';

const words = text.compare;

/** The page that both sides show: a parameter of the address, so that a link or a reload shows the same. */
const shownPage = (search: string): string => new URLSearchParams(search).get('page') ?? '/';

function navigateBoth(to: string, { replace = false }: { readonly replace?: boolean } = {}): void {
  const next = new URLSearchParams(window.location.search);
  next.set('page', to);
  window.history[replace ? 'replaceState' : 'pushState'](null, '', `?${next.toString()}`);
}

/** The location of a side, for the router: both sides move together. */
function useSideLocation(): [string, typeof navigateBoth] {
  const [path = '/'] = shownPage(useBrowserSearch()).split('?');
  return [path.startsWith('/compare') ? '/' : path, navigateBoth];
}

const useSideSearch = (): string => shownPage(useBrowserSearch()).split('?')[1] ?? '';

/** Returns the roles that the viewer can see the console as, and a way to get a token for one. */
function useSides() {
  const client = useClient();
  const { can } = useViewer();
  const isDemo = demoLogins.length > 0;
  const flags = { permissions: false, exclusions: false };
  const [{ data }] = useQuery({
    query: strip(RolesDocument, flags),
    variables: flags,
    pause: isDemo || !can('Query.roles'),
  });
  const roles = isDemo
    ? demoLogins.map(({ role }) => role)
    : (data?.roles?.nodes?.flatMap((node) => (node === null ? [] : [node.name])) ?? []);
  const open = useCallback(
    async (role: string): Promise<View | null> => {
      const login = demoLogins.find((other) => other.role === role);
      if (login !== undefined) {
        const { username, password } = login;
        const { data } = await client.mutation(SignInForTokenDocument, { login: username, password }).toPromise();
        return data?.login ? { token: data.login.accessToken, name: role, isReadOnly: true, isSide: true } : null;
      }
      const { data } = await client.mutation(ViewAsDocument, { role }).toPromise();
      return data?.viewAs ? { token: data.viewAs.accessToken, name: role, isReadOnly: true, isSide: true } : null;
    },
    [client],
  );
  return { roles, open };
}

interface SideProps {
  readonly role: string;
  readonly open: (role: string) => Promise<View | null>;
}

/** One side: the page as the role sees it. Nothing can be changed in it. */
function Side({ role, open }: SideProps) {
  const [view, setView] = useState<View | null>(null);
  const [isRefused, setRefused] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const renew = useCallback(() => setAttempt((count) => count + 1), []);
  useEffect(() => {
    let isLatest = true;
    setRefused(false);
    void open(role).then((opened) => {
      if (isLatest) {
        setView(opened);
        setRefused(opened === null);
      }
    });
    return () => {
      isLatest = false;
    };
  }, [role, open, attempt]);
  if (isRefused) {
    return <Failed message={words.refused(role)} retry={renew} />;
  }
  if (view === null) {
    return <Loading height={600} />;
  }
  return (
    <ViewerProvider
      key={view.token}
      start={view}
      onEnded={renew}
      coordinates={coordinates}
      loading={<Loading height={600} />}
      failed={(message, retry) => <Failed message={message} retry={retry} />}
    >
      <Router hook={useSideLocation} searchHook={useSideSearch}>
        <Reach />
        <Pages />
      </Router>
    </ViewerProvider>
  );
}

/** The pages that the side's role is offered. */
function Reach() {
  const { can } = useViewer();
  const names = pages.filter((page) => isReachable(page, can)).map(({ title }) => title);
  return (
    <Text size="sm" mb="sm">
      {words.offered}: {names.join(', ')}
    </Text>
  );
}

/** The same page as two roles see it, side by side. */
export function ComparePage() {
  const { roles, open } = useSides();
  const [params, setParams] = useSearchParams();
  const page = params.get('page') ?? '/';
  const set = (name: string, value: string): void =>
    setParams((old) => {
      const next = new URLSearchParams(old);
      next.set(name, value);
      return next;
    });
  const sides = [
    { name: 'left', label: words.left, role: params.get('left') ?? roles[1] ?? '' },
    { name: 'right', label: words.right, role: params.get('right') ?? roles.at(2) ?? '' },
  ];
  const [, first = ''] = page.split(/[/?]/);
  return (
    <>
      <PageTitle>{words.title}</PageTitle>
      <Text mb="md">{words.hint}</Text>
      <Group align="end" mb="md">
        {sides.map(({ name, label, role }) => (
          <NativeSelect
            key={name}
            label={label}
            value={role}
            data={roles}
            onChange={({ currentTarget }) => set(name, currentTarget.value)}
          />
        ))}
        <NativeSelect
          label={words.page}
          value={`/${first}`}
          data={[
            { value: '/', label: text.home.title },
            ...pages.map(({ path, title }) => ({ value: `/${path}`, label: title })),
          ]}
          onChange={({ currentTarget }) => set('page', currentTarget.value)}
        />
      </Group>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        {sides.map(({ name, label, role }) => (
          <Card key={name} withBorder component="section" aria-label={`${label}: ${role}`} className="side">
            <Text fw={700} mb="sm">
              {role}
            </Text>
            {role !== '' && <Side key={role} role={role} open={open} />}
          </Card>
        ))}
      </SimpleGrid>
    </>
  );
}
