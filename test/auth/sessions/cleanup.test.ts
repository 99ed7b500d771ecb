import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createBackground } from '../../../src/auth/dependencies.ts';
import { purgeExpired, startCleanup } from '../../../src/auth/sessions/cleanup.ts';
import type { Database } from '../../../src/database/database.ts';
import { authScope } from '../../../src/database/scopes.ts';
import { LogoutDocument, RequestPasswordResetDocument } from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { change, look } from '../../support/rows.ts';
import { ask, signIn, tryToSignIn, whoAmI } from '../../support/signed-in.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

const DAY = 86_400;
const count = async (table: string): Promise<number> => (await look(app, `select 1 from ${table}`)).length;
const forget = (): Promise<void> => app.database.run(authScope, (em) => purgeExpired(em, app.clock.now()));

describe('an expired row', () => {
  it('throttles and mails are deleted when they no longer count, sessions a month after their end', async () => {
    await tryToSignIn(app, 'admin', { password: 'a wrong password' });
    await ask(app, {}, RequestPasswordResetDocument, { login: 'admin' });
    await vi.waitFor(async () => expect(await count('password_resets')).toBe(1));
    const ended = await signIn(app, 'developer');
    await ask(app, ended.headers, LogoutDocument);
    const live = await signIn(app, 'developer', { cookie: true });
    await forget();
    expect([await count('throttles'), await count('password_resets'), await count('sessions')]).toEqual([
      expect.any(Number),
      1,
      2,
    ]);
    expect(await count('throttles')).toBeGreaterThan(0);
    app.clock.advance(3_600);
    await forget();
    expect([await count('throttles'), await count('password_resets'), await count('sessions')]).toEqual([0, 0, 2]);
    for (let week = 0; week < 4; week++) {
      app.clock.advance(6 * DAY);
      expect(await whoAmI(app, live.headers)).toBe('developer');
    }
    app.clock.advance(6 * DAY);
    await forget();
    expect(await count('sessions')).toBe(1);
    app.clock.advance(30 * DAY);
    await forget();
    expect(await count('sessions')).toBe(0);
  });

  it('rows expire by the clock of the database, where the clock of the process is ahead', async () => {
    await tryToSignIn(app, 'sales', { password: 'a wrong password' });
    const soon = `update throttles set ends_at = clock_timestamp() + interval '1 hour'`;
    await change(app, soon);
    const inADay = new Date(Date.now() + DAY * 1_000);
    await app.database.run(authScope, (em) => purgeExpired(em, inADay));
    expect(await count('throttles')).toBeGreaterThan(0);
    await change(app, 'delete from throttles');
  });

  it('cleanup runs every hour until it is stopped; a failure is logged, and tried again', async () => {
    vi.useFakeTimers();
    const warn = vi.fn<() => void>();
    let runs = 0;
    const run: Database['run'] = () => {
      runs += 1;
      return Promise.reject(new Error('the database is away'));
    };
    const background = createBackground({ warn });
    const stop = startCleanup({ database: { run, engine: 'pglite' }, now: app.clock.now }, background);
    await vi.advanceTimersByTimeAsync(2 * 3_600_000);
    await background.settled();
    expect([runs, warn.mock.calls.length]).toEqual([2, 2]);
    stop();
    await vi.advanceTimersByTimeAsync(5 * 3_600_000);
    expect(runs).toBe(2);
    vi.useRealTimers();
  });
});
