/** Types as they are generated for content systems and databases, and as large public schemas write them. */
export const MARKETPLACE = `
  scalar JSON scalar DateTime scalar Money scalar UUID
  enum Level { GUEST OWNER }
  type Member @public { id: ID! handle: String bio: String email: String @auth(requires: ADMIN) tel: String @auth(requires: ADMIN) lastSeen: DateTime @auth(requires: EDITOR) }
  type Team @public { id: ID! name: String memberships: [Membership] }
  type Membership @public { id: ID! level: Level member: Member team: Team }
  type Issue @public { id: ID! title: String state: State effort: Int @auth(requires: EDITOR) assignees: [Member] author: Member }
  enum State { OPEN CLOSED }
  type Order @public { id: ID! number: String total: Money @auth(requires: EDITOR) note: String @auth(requires: EDITOR) buyer: Member }
  type Match @public { id: ID! place: String score: Int @auth(requires: EDITOR) }
  type Place @public { id: ID! name: String city: String }
  type MemberEntity @public { id: ID attributes: Member } type MemberCollection @public { data: [MemberEntity!] meta: Meta } type MemberResponse @public { data: MemberEntity }
  type Meta @public { total: Int page: Int }
  type MemberResult @public { success: Boolean message: String member: Member }
  type Found @public { members: [Member] places: [Place] total: Int } type Hit @public { score: Float member: Member }
  type FoundPlaces @public { places: [Place] total: Int } type PlaceEntity @public { id: ID attributes: Place } type PlaceCollection @public { data: [PlaceEntity!] }
  type OrderPayload @public { success: Boolean order: Order }
  input Cmp { eq: String contains: String } input Filters { email: Cmp handle: Cmp } input HandleFilters { handle: Cmp }
  input OrderInput { total: Money note: String } input DraftOrderInput { note: String } input MatchInput { score: Int place: String }
  input OrderFilter { note: Cmp number: Cmp }
  enum SearchColumn { LOGIN EMAIL URL } enum SearchableField { HANDLE BIO EMAIL KEYWORD } enum OpenColumn { HANDLE BIO URL }
  enum IdType { DATABASE_ID EMAIL SLUG } enum OpenIdType { DATABASE_ID SLUG } enum MemberKey { ID TEL }
  enum IssueSort { TITLE_ASC ASSIGNEE_LAST_SEEN_ASC } enum StateSort { TITLE_ASC STATE_ASC }
`;

/** Fields that reveal guarded values by what they are given. */
export const MARKETPLACE_NOTICED: readonly string[] = `
memberEntities(sort: [String]): MemberCollection
memberEntities(sort: String): MemberCollection
memberEntities(filters: JSON): MemberCollection
memberEntities(filters: Filters): MemberCollection
memberEntities(search: String): MemberCollection
memberEntities(email: String): MemberCollection
memberEntity(email: String!): MemberResponse
memberEntity(where: Filters): MemberResponse
search(query: String!): Found
search(term: String): [Hit]
find(text: String!): Found
predictiveSearch(query: String @reads(fields: ["Member.email"]), searchableFields: [SearchableField!]): Found
lookup(email: String!): MemberResult
memberByEmail(email: String!): MemberResult
hits(email: String): [Hit]
memberships(email: String): [Membership]
memberships(search: String): [Membership]
memberships(memberEmail: String): [Membership]
membership(email: String!): Membership
Team.members(tel: String): [Membership]
issues(email: String): [Issue]
issues(assigneeEmail: String): [Issue]
issues(assigneeEmails: [String!]): [Issue]
issues(assignee_last_seen_after: DateTime): [Issue]
issues(filter: ByAssignee): [Issue] ;; input ByAssignee { assigneeTel: String }
issues(orderBy: IssueSort): [Issue]
issues(effortFilter: Int): [Issue]
members(searchColumns: [SearchColumn!]): [Member]
members(in: [SearchableField!]): [Member]
members(where: Where): [Member] ;; input Where { searchColumns: [SearchColumn!] }
member(id: ID!, idType: IdType): Member
member(value: String!, by: MemberKey!): Member
member(field: MemberKey, value: String): Member
member(key: MemberKey!, value: String!): MemberResult
orders(order: OrderInput): [Order]
firstOrder(order: OrderSort): Order ;; input OrderSort { total: Direction } enum Direction { ASC DESC }
orderCount(filter: OrderFilter): Int
Mutation.deleteOrders(filter: OrderFilter): OrderPayload
Mutation.closeOrders(where: OrderFilter): OrderPayload
`
  .split('\n')
  .filter((line) => line !== '');

/** Fields that reveal nothing that is guarded. */
export const MARKETPLACE_INNOCENT: readonly string[] = `
memberEntities(filters: HandleFilters): MemberCollection
memberEntities(handle: String, page: Int): MemberCollection
memberEntity(id: ID, handle: String): MemberResponse
placeEntities(sort: [String], search: String, filters: JSON): PlaceCollection
searchPlaces(query: String): FoundPlaces
find(text: String!): FoundPlaces
lookup(handle: String!): MemberResult
memberships(level: Level, team: ID): [Membership]
issues(state: State, title: String): [Issue]
issues(stateFilter: State): [Issue]
issues(assigneeHandle: String, assigneeHandles: [String!]): [Issue]
issues(orderBy: StateSort): [Issue]
issues(search: String @reads(fields: ["Issue.title"])): [Issue]
members(searchColumns: [OpenColumn!]): [Member]
members(fields: [SearchableField!]): [Member]
member(id: ID!, idType: OpenIdType): Member
member(id: ID!, fields: [MemberKey!]): Member
shippingCost(order: OrderInput!): Money
quote(input: OrderInput!): Money
Mutation.createOrder(order: OrderInput!): Order
Mutation.placeOrder(input: OrderInput!): Order
Mutation.placeOrder(input: OrderInput!): OrderPayload
Mutation.checkout(order: OrderInput!): OrderPayload
Mutation.checkout(order: DraftOrderInput!): Order
Mutation.draftOrderUpdate(id: ID!, input: DraftOrderInput!): OrderPayload
Mutation.cancel(order: ID!): Order
Mutation.addNote(order: UUID!, text: String): OrderPayload
orderLines(order: ID!): [Order]
invoices(order: OrderID): [Order] ;; scalar OrderID
Mutation.saveMatch(match: MatchInput!): Match
Mutation.recordResult(match: MatchInput!): Match
Mutation.updateMember(id: ID!, email: String): MemberResult
Mutation.createMember(data: Filters!): MemberResponse
`
  .split('\n')
  .filter((line) => line !== '');
