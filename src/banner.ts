import type { Config } from './config.ts';
import { demoLogins } from './database/seed/demo-data.ts';

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
    '  Paste this to list accounts as the developer:',
    '',
    `  ${curlLine(url)}`,
  ];
}

function curlLine(url: string): string {
  const query = { query: '{ accounts(first: 3) { nodes { name status } totalCount } }' };
  return (
    `curl -s -u developer:rolegate-demo-developer ${url}graphql ` +
    `-H 'content-type: application/json' -d '${JSON.stringify(query)}'`
  );
}
