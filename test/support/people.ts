import type { TestApp } from './app.ts';
import { change } from './rows.ts';

/** People with the role STANDARD: two of one account, and one of another. Only the first two write documents. */
export const people = ['author', 'otherauthor', 'otheraccount'] as const;

/** Adds {@link people} to the demo's users, for `app.as(name)`. */
export async function addPeople(app: TestApp): Promise<void> {
  for (const name of people) {
    await change(
      app,
      `insert into users (id, username, email, email_key, display_name, account_id, created_at, updated_at)
       select gen_random_uuid(), name, name || '@example.org', name || '@example.org', 'The ' || name,
         (select id from accounts order by id offset ? limit 1), now(), now()
       from (select ?::text as name) as given`,
      name === 'otheraccount' ? 1 : 0,
      name,
    );
    await change(
      app,
      `insert into role_assignments (user_id, role) select id, 'STANDARD' from users where username = ?`,
      name,
    );
  }
}
