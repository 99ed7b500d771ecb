/** The part of Rolegate's schema that is subscribed to, and the mutation that causes the events. */
export const typeDefs = `
  scalar DateTime
  scalar JSON
  enum ChangeKind { CREATED UPDATED DELETED }
  type InventoryItem { name: String! data: JSON! updatedAt: DateTime! version: Int! }
  type InventoryChange { kind: ChangeKind! name: String! item: InventoryItem }
  type Query { version: Int }
  type Mutation { adjustInventoryCount(name: String!, by: Int!): InventoryItem }
  type Subscription { inventoryChanged: InventoryChange }
`;

export interface Change {
  readonly kind: 'UPDATED';
  readonly name: string;
  readonly item: { readonly name: string };
}

export const TOPIC = 'inventory';

/** Returns the authorization that a client has sent with its first message. */
export function authorizationOf(parameters: unknown): string {
  return (parameters as { authorization?: string } | undefined)?.authorization ?? '';
}
