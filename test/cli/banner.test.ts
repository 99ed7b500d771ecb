import { describe, expect, it } from 'vitest';
import { banner } from '../../src/cli/banner.ts';
import { type Environment, readConfig } from '../../src/config/config.ts';
import { shellWords } from '../support/process.ts';

const URL = 'http://127.0.0.1:4000/';

/** The line to paste, as a shell takes it apart. */
async function words(environment: Environment): Promise<string[]> {
  const [, line = ''] = /^ +(curl .*)$/m.exec(banner(readConfig(environment), URL)) ?? [];
  return shellWords(line);
}

describe('the banner', () => {
  it('the banner says where the server is, whose data it has, and who may sign in', () => {
    const text = banner(readConfig({ DATA_DIR: 'somewhere' }), URL);
    expect(text).toContain(`ready: ${URL}`);
    expect(text).toMatch(/demo data.*somewhere\/: delete that folder to start over/);
    expect(text).toContain('superadmin, admin, developer, standard, manager');
  });

  it('the banner ends with a query to paste', async () => {
    expect(await words({})).toEqual([
      'curl',
      '-s',
      '-u',
      'developer:rolegate-demo-developer',
      `${URL}graphql`,
      '-H',
      'content-type: application/json',
      '-d',
      '{"query":"{ accounts(first: 3) { nodes { name status } totalCount } }"}',
    ]);
  });

  it('the banner ends with a login where no password may be sent with a query', async () => {
    const body = (await words({ BASIC_AUTH: 'false' })).at(-1) ?? '';
    expect(await words({ BASIC_AUTH: 'false' })).not.toContain('-u');
    expect(JSON.parse(body)).toEqual({
      query: 'mutation { login(login: "developer", password: "rolegate-demo-developer") { accessToken } }',
    });
  });

  it('the banner of a server without a demo does not mention one', () => {
    const text = banner(readConfig({ DEMO_DATA: 'false' }), URL);
    expect(text.trim()).toBe(`Rolegate is ready: ${URL}`);
  });
});
