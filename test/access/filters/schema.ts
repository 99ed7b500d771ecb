/** Types with guarded fields and without, for lists of fields that read them. */
export const TYPES = `
  scalar JSON scalar DateTime scalar Decimal scalar Email
  enum OrderDirection { ASC DESC }
  enum Status { ACTIVE ARCHIVED }
  enum UserRole { ADMIN MEMBER }
  type User @public {
    id: ID! name: String login: String avatar: String createdAt: DateTime
    email: String @auth(requires: ADMIN) phone: String @auth(requires: ADMIN) ssn: String @auth(requires: ADMIN)
    salary: Int @auth(requires: ADMIN) birthDate: DateTime @auth(requires: ADMIN) role: UserRole @auth(requires: ADMIN)
    posts: [Post] account: Account @auth(requires: EDITOR)
  }
  type Account @auth(requires: USER) {
    id: ID! label: String currency: String iban: String @auth(requires: EDITOR) balance: Decimal @auth(requires: EDITOR)
  }
  type Order @public {
    id: ID! code: String status: Status total: Decimal placedAt: DateTime customer: User
    customerEmail: String @auth(requires: ADMIN) cardNumber: String @auth(requires: ADMIN)
  }
  type Post @public { id: ID! title: String slug: String body: String tags: [String] status: Status author: User likes: Int }
  type Product @public { id: ID! sku: String name: String price: Decimal category: String stock: Int }
  type Place @public { id: ID! name: String city: String address: String latitude: Float longitude: Float }
  type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
  type UserEdge { node: User cursor: String } type UserConnection { edges: [UserEdge] pageInfo: PageInfo totalCount: Int }
  type UserPage @public { items: [User] total: Int }
  type Numbers @public { count: Int average: Float }
  type Verdict @public { ok: Boolean message: String }
  type Option @public { label: String value: String }
`;

/** The definitions that generators write beside the fields of {@link TYPES}. */
export const INPUTS = `
  input StringFilter { eq: String in: [String!] contains: String startsWith: String }
  input IntFilter { eq: Int gt: Int lt: Int }
  input UserFilter { and: [UserFilter!] or: [UserFilter!] name: StringFilter email: StringFilter salary: IntFilter }
  input UserNameFilter { name: String login: String }
  input UserWhereUniqueInput { id: ID email: String }
  input Emails { email: String email_in: [String!] }
  input Contact { email: String phone: String }
  input Ibans { iban: StringFilter balance: IntFilter }
  input ProductFilter { sku: StringFilter name: StringFilter price_gt: Int category_in: [String!] }
  input PostFilter { title: String tags_has: String status: Status author: AuthorFilter }
  input AuthorFilter { name: String login: String }
  input Rule { field: String! op: String! value: String }
  enum UserField { ID NAME EMAIL SALARY }
  enum UserOrderBy { NAME_ASC NAME_DESC SSN_ASC SSN_DESC }
  enum ProductField { SKU NAME PRICE }
  input UserSort { field: UserField direction: OrderDirection }
  input UserOrder { name: OrderDirection birthDate: OrderDirection }
  input ProductOrder { name: OrderDirection price: OrderDirection }
  input Page { limit: Int offset: Int after: String }
`;
