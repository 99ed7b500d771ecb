import { Migration } from '@mikro-orm/migrations';
import { scopes, SYSTEM_ROLE } from '../scopes.ts';

const RIGHTS = { read: 'select', add: 'insert', change: 'update', delete: 'delete' } as const;

/** Row-level security of the inventory: each statement takes the right to it, which a unit of work brings along. */
export class StockRights extends Migration {
  override up(): void {
    this.addSql('drop policy inventory_items_signed_in on inventory_items');
    for (const [name, right] of Object.entries(RIGHTS)) {
      const condition = `(select current_setting('rolegate.stock', true)) like '%${right}%'`;
      this.addSql(`create policy inventory_items_${name} on inventory_items for ${right}
        to ${scopes.signedIn.join(', ')} ${right === 'insert' ? 'with check' : 'using'} (${condition})`);
    }
    this.addSql(`create policy inventory_items_server on inventory_items to ${SYSTEM_ROLE} using (true)`);
  }
}
