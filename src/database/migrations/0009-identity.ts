import { Migration } from '@mikro-orm/migrations';
import { ofVisibleUser } from '../scopes.ts';
import { firstScopes as scopes } from './first-scopes.ts';
import { grant } from './sql.ts';

/** A change of who a user is voids the reset tokens mailed before; a deleted role leaves API keys and sessions. */
export class Identity extends Migration {
  override up(): void {
    this.#resets();
    this.#roles();
  }

  #resets(): void {
    const roles = scopes.signedIn.join(', ');
    this.addSql(`create policy password_resets_of_users on password_resets to ${roles} using (${ofVisibleUser})`);
    this.addSql(grant('select (user_id), delete', 'password_resets', scopes.signedIn));
    this.addSql(`create function void_password_resets() returns trigger language plpgsql as $$
      begin
        delete from password_resets where user_id = new.id;
        return null;
      end $$`);
    this.addSql(`create trigger users_void_password_resets after update of username, email_key, active on users
      for each row when ((old.username, old.email_key, old.active) is distinct from
        (new.username, new.email_key, new.active)) execute function void_password_resets()`);
  }

  #roles(): void {
    for (const table of ['api_keys', 'sessions']) {
      this.addSql(grant('select (roles), update (roles)', table, scopes.usersAll));
      // The owner of the tables obeys the policies as well, and none is for it.
      this.addSql(`alter table ${table} no force row level security`);
      this.addSql(`update ${table} set roles = array(select r from unnest(roles) as r where r in (select name from roles))
        where roles is not null and not roles <@ array(select name::text from roles)`);
      this.addSql(`alter table ${table} force row level security`);
    }
    this.addSql(`create function forget_deleted_role() returns trigger language plpgsql as $$
      declare
        deleted constant text := old.name;
      begin
        update api_keys set roles = array_remove(roles, deleted) where deleted = any (roles);
        update sessions set roles = array_remove(roles, deleted) where deleted = any (roles);
        return null;
      end $$`);
    this.addSql(`create trigger roles_forget_deleted after delete on roles
      for each row execute function forget_deleted_role()`);
  }
}
