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
globalSearch(q: String!): SearchPayload ;; type SearchPayload @public { results: [SearchItem!]! totalCount: Int } union SearchItem = Member | Place
searchAll(text: String!): AllResults ;; type AllResults @public { people: MemberList places: [Place] } type MemberList @public { items: [Member] total: Int }
autocomplete(input: String!): [Suggestion] ;; type Suggestion @public { score: Float member: Member }
findMember(email: String!): MemberOrError ;; union MemberOrError = Member | Failure type Failure @public { message: String }
memberLookup(tel: String!): LookupPayload ;; type LookupPayload @public { ok: Boolean! member: Member errors: [String!] }
teamMembers(filter: TMF): TeamMemberConnection ;; input TMF { email: Cmp } type TeamMemberConnection @public { edges: [TeamMemberEdge] nodes: [Membership] }  type TeamMemberEdge @public { node: Membership role: Level }
memberships(orderBy: MOrder): [Membership] ;; enum MOrder { MEMBER_EMAIL_ASC LEVEL_ASC }
memberships(orderBy: MOrder): [Membership] ;; input MOrder { member: MO2 } input MO2 { lastSeen: Dir } enum Dir { ASC DESC }
membershipByEmail(email: String!): Membership
issues(assignee: AssigneeFilter): [Issue] ;; input AssigneeFilter { email: Cmp }
issues(assignees_some: AF): [Issue] ;; input AF { tel: Cmp }
issuesByAssigneeEmail(email: String!): [Issue]
issueCount(assigneeEmail: String): Int
Team.memberCount(email: String): Int
member(where: MemberWhereUnique!): Member ;; input MemberWhereUnique @oneOf { id: ID email: String }
member(lookup: Lookup!): Member ;; input Lookup { field: SearchColumn! value: String! }
memberBy(field: SearchColumn!, value: String!): Member
getMember(key: String!, keyType: KeyType!): Member ;; enum KeyType { ID EMAIL }
findOneMember(by: FindBy!, value: String!): Member ;; enum FindBy { EMAIL HANDLE }
members(searchFields: [String!], search: String @reads(fields: ["Member.handle"])): [Member]
members(searchIn: [SearchableField!], term: String): [Member]
members(groupBy: SearchColumn): [Member]
membersGrouped(by: [SearchColumn!]!): [Bucket] ;; type Bucket @public { key: String count: Int }
orders(totalRange: Range): [Order] ;; input Range { min: Money max: Money }
orders(priceFilter: Range, totalFilter: Range): [Order] ;; input Range { min: Money max: Money }
orders(totals: [Money!]): [Order]
Match.others(scoreFilter: Int): [Match]
entities(type: EntityType, query: String): [Entity] ;; enum EntityType { MEMBER PLACE } union Entity = Member | Place
Subscription.memberChanged(email: String): Member
Subscription.orderEvents(filter: OrderFilter): OrderEvent ;; type OrderEvent @public { id: ID order: Order }
Mutation.bulkUpdateOrders(filter: OrderFilter!, patch: OrderInput!): Int
Mutation.deleteMembers(where: Filters!): Int
Mutation.exportMembers(orderBy: [SearchColumn!]): MemberCollection
memberFeed(cursor: FeedCursor): [Member] ;; input FeedCursor { lastSeen: DateTime id: ID }
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
Mutation.submitOrder(order: OrderInput!): OrderPayload
Mutation.updateOrder(id: ID!, order: OrderInput!): Order
Mutation.orderCreate(input: OrderInput!): OrderPayload
Mutation.createOrders(orders: [OrderInput!]!): [Order]
Mutation.createOrders(input: [OrderInput!]!): [Order]
Mutation.importMatches(matches: [MatchInput!]!): [Match]
Mutation.upsertMatch(where: ID!, match: MatchInput!): Match
Mutation.saveSearch(search: SearchInput!): SavedSearch ;; input SearchInput { name: String email: String } type SavedSearch @public { id: ID name: String email: String @auth(requires: ADMIN) }
Mutation.createFilter(filter: FilterInput!): Filter ;; input FilterInput { name: String secret: String } type Filter @public { id: ID name: String secret: String @auth(requires: ADMIN) }
Mutation.addCondition(condition: ConditionInput!): Condition ;; input ConditionInput { expr: String } type Condition @public { id: ID expr: String @auth(requires: ADMIN) }
Mutation.sortCards(order: [ID!]!): [Match]
Mutation.reorder(ids: [ID!]!, order: Int): Match
previewOrder(order: OrderInput!): Order
validateOrder(order: OrderInput!): Verdict ;; type Verdict @public { ok: Boolean errors: [String] }
taxFor(order: OrderInput!): Tax ;; type Tax @public { amount: Money }
shipments(orderId: ID!): [Order]
shipments(order: Int!): [Order]
refunds(order: UUID): [Order]
place(id: ID!, idType: OpenIdType): Place
places(search: String, near: String): [Place]
teams(search: String): [Team]
teams(name: String, level: Level): [Team]
memberships(team: ID, member: ID, first: Int, after: String): [Membership]
memberships(role: Level, status: String): [Membership]
issues(author: ID, assignee: ID): [Issue]
issues(assigneeId: ID, assigneeIds: [ID!]): [Issue]
issues(label: String, milestone: String): [Issue]
matches(place: String, date: DateTime): [Match]
member(id: ID!, locale: String): Member
member(handle: String!): Member
lookup(id: ID!): MemberResult
memberEntities(locale: String, pagination: Pg): MemberCollection ;; input Pg { page: Int limit: Int }
Mutation.inviteMember(email: String!): MemberResult
Mutation.login(email: String!, password: String!): MemberResult
Mutation.subscribe(email: String!): Found
Mutation.createMembership(email: String!, level: Level): Membership
orderStatus(number: String!): String
Order.lines(first: Int): [Place]
`
  .split('\n')
  .filter((line) => line !== '');
