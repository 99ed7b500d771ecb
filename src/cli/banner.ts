import type { Config } from '../config/config.ts';
import { demoLogins } from '../database/seed/demo-data.ts';

/** Returns the text that the console shows once the server is ready. `url` ends with a slash. */
export function banner(config: Config, url: string): string {
  return ['', `Rolegate is ready: ${url}`, ...(config.demoData ? demoLines(config, url) : []), ''].join('\n');
}

function demoLines(config: Config, url: string): string[] {
  const names = demoLogins.map(({ username }) => username).join(', ');
  const home = config.database === null ? ` It is stored in ${config.dataDir}/: delete that folder to start over.` : '';
  return [
    '',
    `  This is demo data, with public passwords.${home}`,
    `  Users      ${names}`,
    '  Password   rolegate-demo-<user name>, for example rolegate-demo-developer',
    '',
    ...firstSteps(config, url),
  ];
}

/** Returns a command to paste: a query if Basic authentication is on, otherwise a login. */
function firstSteps({ basicAuth }: Config, url: string): string[] {
  const [who, password] = ['developer', 'rolegate-demo-developer'];
  if (basicAuth) {
    const query = '{ accounts(first: 3) { nodes { name status } totalCount } }';
    return [
      '  Paste this to list accounts as the developer:',
      '',
      `  ${curlLine(url, query, `-u ${who}:${password} `)}`,
    ];
  }
  const login = `mutation { login(login: "${who}", password: "${password}") { accessToken } }`;
  return ['  Paste this to sign in as the developer:', '', `  ${curlLine(url, login)}`];
}

function curlLine(url: string, query: string, options = ''): string {
  return `curl -s ${options}${url}graphql -H 'content-type: application/json' -d '${JSON.stringify({ query })}'`;
}
