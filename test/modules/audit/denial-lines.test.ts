import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { userId } from '../../support/rows.ts';

describe.each(['full', 'role'])('with SCHEMA_VISIBILITY=%s, each denial is a line of the log', (visibility) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await createTestApp({ environment: { SCHEMA_VISIBILITY: visibility } });
  });
  afterAll(() => app.close());

  async function linesOf(query: string, headers: Record<string, string> = {}) {
    const before = app.logged.length;
    const { headers: answered } = await app.post({ query }, headers);
    const lines = app.logged.slice(before).filter(({ msg }) => msg === 'denied');
    return { lines, requestId: answered['x-request-id'] };
  }

  it('the line has operation, coordinate, viewer and request id, at level info', async () => {
    const authorization = `Bearer ${await app.as('GUEST').token()}`;
    const { lines, requestId } = await linesOf('query Everyone { users { __typename } }', {
      authorization,
      'x-request-id': 'request-0815',
    });
    expect(requestId).toBe('request-0815');
    expect(lines).toEqual([
      expect.objectContaining({
        level: 30,
        requestId,
        operation: 'Everyone',
        coordinate: 'Query.users',
        viewerId: await userId(app, 'guest'),
        code: 'FORBIDDEN',
      }),
    ]);
  });

  it('an anonymous viewer and an operation without a name are null', async () => {
    const { lines } = await linesOf('{ me { __typename } }');
    expect(lines).toEqual([
      expect.objectContaining({ operation: null, coordinate: 'Query.me', viewerId: null, code: 'UNAUTHENTICATED' }),
    ]);
  });

  it('each coordinate has a line, with at most 100 characters of the name', async () => {
    const { lines } = await linesOf(`query ${'N'.repeat(200)} { me { __typename } users { __typename } }`);
    expect(lines.map(({ coordinate }) => coordinate)).toEqual(['Query.me', 'Query.users']);
    expect(lines.filter(({ operation }) => operation !== 'N'.repeat(100))).toEqual([]);
  });

  it('a refusal of a service has a line as well', async () => {
    const authorization = `Basic ${Buffer.from('guest:rolegate-demo-guest').toString('base64')}`;
    const change = 'mutation Change { changePassword(current: "x", next: "y") }';
    const { lines } = await linesOf(change, { authorization });
    expect(lines).toEqual([
      expect.objectContaining({ operation: 'Change', coordinate: 'Mutation.changePassword', code: 'FORBIDDEN' }),
    ]);
  });
});
