import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useEffect, useState } from 'react';
import { demoLogins } from '../demo.ts';
import { text } from '../text.ts';
import { presets } from './presets.ts';

const words = text.graphiql;

/** Sends an operation with the session cookie. */
async function send(query: string, variables: object = {}): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ query, variables });
  const response = await fetch('/graphql', { method: 'POST', credentials: 'same-origin', headers, body });
  const { data } = (await response.json()) as { readonly data?: unknown };
  return data;
}

/** Signs in as a user of the demo, or out; then the page loads again, so that schema and subscriptions are theirs. */
async function become(username: string): Promise<void> {
  const login = demoLogins.find((other) => other.username === username);
  await (login === undefined
    ? send('mutation { logout }')
    : send(
        'mutation ($login: String!, $password: String!) { login(login: $login, password: $password, cookie: true) { expiresAt } }',
        {
          login: login.username,
          password: login.password,
        },
      ));
  window.location.reload();
}

/** The role of the session, among the demo's. */
function useRole(): string {
  const [role, setRole] = useState('');
  useEffect(() => {
    void send('{ viewer { roles } }').then((data) => {
      const { viewer } = data as { readonly viewer: { readonly roles: readonly string[] } };
      setRole(demoLogins.find((login) => login.role === viewer.roles[0])?.username ?? '');
    });
  }, []);
  return role;
}

/** Beside the tabs: operations to begin with, the demo's roles, and the way to the console. */
export function Bar() {
  const role = useRole();
  const editor = useGraphiQL(({ queryEditor }) => queryEditor);
  const actions = useGraphiQLActions();

  function open(title: string): void {
    const preset = presets.find((other) => other.title === title);
    if (preset !== undefined) {
      actions.addTab();
      editor?.setValue(preset.query);
    }
  }

  return (
    <div className="bar">
      <select
        aria-label={words.presets}
        value=""
        disabled={editor === undefined}
        onChange={({ currentTarget }) => open(currentTarget.value)}
      >
        <option value="">{words.presets}</option>
        {presets.map(({ title }) => (
          <option key={title}>{title}</option>
        ))}
      </select>
      {demoLogins.length > 0 && (
        <select
          aria-label={text.signIn.switch}
          value={role}
          onChange={({ currentTarget }) => void become(currentTarget.value)}
        >
          <option value="">{text.signIn.anonymous}</option>
          {demoLogins.map((login) => (
            <option key={login.username} value={login.username}>
              {login.role}
            </option>
          ))}
        </select>
      )}
      <a href="/console">{words.console}</a>
    </div>
  );
}
