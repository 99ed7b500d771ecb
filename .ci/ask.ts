// Asks a server with demo data what a newcomer asks first: who may list accounts, and who may list users.
const [, , url = 'http://127.0.0.1:4000/graphql'] = process.argv;

interface Answer {
  readonly data: Record<string, unknown> | null;
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
}

async function ask(query: string, headers: Record<string, string> = {}): Promise<Answer> {
  const body = JSON.stringify({ query });
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  return (await response.json()) as Answer;
}

/** Who sees what: `users` and `accounts` in few words. */
async function look(username: string): Promise<string> {
  const login = `mutation { login(login: "${username}", password: "rolegate-demo-${username}") { accessToken } }`;
  const signIn = (await ask(login)).data?.['login'] as { accessToken: string } | undefined;
  const authorization = `Bearer ${signIn?.accessToken}`;
  const { data, errors = [] } = await ask('{ accounts { totalCount } users { totalCount } }', { authorization });
  return JSON.stringify([data, errors.map(({ extensions }) => extensions.code)]);
}

const EXPECTED = {
  standard: '[{"accounts":null,"users":null},["FORBIDDEN","FORBIDDEN"]]',
  developer: '[{"accounts":{"totalCount":1000},"users":null},["FORBIDDEN"]]',
  admin: '[{"accounts":{"totalCount":1000},"users":{"totalCount":210}},[]]',
};

for (const [username, expected] of Object.entries(EXPECTED)) {
  const seen = await look(username);
  process.stdout.write(`${username}: ${seen}\n`);
  if (seen !== expected) {
    throw new Error(`${username} should see ${expected}`);
  }
}
