import type { Config } from '../config/config.ts';
import { demoLogins } from '../database/seed/demo-data.ts';

/** What the console shows once the server answers. `url` ends with a slash. */
export function banner(config: Config, url: string): string {
  return ['', `Rolegate is ready: ${url}`, ...(config.demoData ? demoLines(config, url) : []), ''].join('\n');
}

function demoLines(config: Config, url: string): string[] {
  const names = demoLogins.map(({ username }) => username).join(', ');
  const home = config.database === null ? ` It lives in ${config.dataDir}/: delete that folder to start over.` : '';
  return [
    '',
    `  This is demo data, with passwords that everybody knows.${home}`,
    `  Users      ${names}`,
    '  Password   rolegate-demo-<user name>, for instance rolegate-demo-developer',
    '',
    ...firstSteps(config, url),
  ];
}

/** A line to paste: a query at once where passwords may be sent with it, else a login. */
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
