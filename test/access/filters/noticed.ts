/** Fields that reveal guarded values by what they are given, as real schemas and generators write them. */
export const NOTICED: readonly string[] = `
# Lists, by filters of every style
users(where: UserFilter): [User]
users(filter: UserFilter!): [User!]!
users(filters: [UserFilter!]): UserPage
users(condition: Contact): UserConnection
users(criteria: Contact): [User]
users(by: Contact): [User]
users(input: UserFilter): UserConnection
users(options: Emails): [User]
users(filter: String): [User]
users(where: JSON): [User]
users(rules: [Rule!]): [User]
users(filter: [Rule!]): [User]
users(search: String): [User]
users(query: String): UserConnection
users(q: String): [User]
users(email: String): [User]
users(email_eq: String): [User]
users(emailContains: String): [User]
users(email_starts_with: String): [User]
users(emailStartsWith: String): [User]
users(emailIn: [String!]): [User]
users(emails: [String!]): [User]
users(salaryAbove: Int): [User]
users(minSalary: Int, maxSalary: Int): [User]
users(salary_gte: Int): [User]
users(bornAfter: DateTime, birthDateAfter: DateTime): [User]
users(byEmail: String): [User]
users(withPhone: String): [User]
users(hasPhone: Boolean): [User]
users(role: UserRole): [User]
users(userEmail: String): [User]
listUsers(filter: UserFilter, limit: Int, nextToken: String): UserPage
allUsers(condition: Contact, first: Int): UserConnection
queryUser(filter: UserFilter, first: Int): [User]
usersByEmail(email: String!): [User]
searchUsers(text: String): [User]
searchUsers(term: String!): UserPage
findUsers(query: String): [User]
userSearch(phrase: String): [User]
orders(customerEmail: String): [Order]
orders(filter: OrderFilter): [Order] ;; input OrderFilter { status: Status customer: Customer } input Customer { email: String }
orders(where: OrderWhere): [Order] ;; input OrderWhere { cardNumber: String }
orders(query: String): [Order]
posts(where: PostWhere): [Post] ;; input PostWhere { author: UserFilter }
posts(filter: PostAuthorFilter): [Post] ;; input PostAuthorFilter { author: Emails }
posts(authorEmail: String): [Post]
posts(author_email: String): [Post]
posts(author: Emails): [Post]
accounts(iban: String): [Account]
accounts(where: Ibans): [Account]
accounts(owner: String, balanceAbove: Float): [Account]
# Sort orders and groups
users(orderBy: UserOrderBy): [User]
users(orderBy: [UserOrderBy!]): UserConnection
users(order_by: [UserOrder!]): [User]
users(sort: UserSort): [User]
users(sortBy: UserField): [User]
users(sort: String): [User]
users(sortField: String): [User]
users(order: [UserOrder!]): [User]
users(distinctOn: [UserField!]): [User]
users(distinctOn: UserField): [User]
users(distinct: UserField): [User]
users(groupBy: UserField): [Numbers]
groupByUser(by: [UserField!]!): [Numbers]
userGroups(by: UserField): [Numbers]
userHistogram(field: UserField): [Numbers]
distinctUsers(field: UserField): [String]
distinctUserValues(field: UserField!): [String!]!
userMax(field: UserField): String
UserConnection.distinct(field: UserField!): [String!]!
UserConnection.group(field: UserField!): [Numbers]
UserConnection.sum(field: UserField!): Float
UserConnection.max(field: UserField!): Float
# Counts, aggregates and existence
usersCount(where: UserFilter): Int
usersCount(filter: UserFilter!): Int!
countUsers(where: UserFilter): Int
userCount(email: String): Int
numberOfUsers(where: UserFilter): Int
totalUsers(filter: Contact): Int
totalUsers(filter: JSON): Int
usersCount(where: JSON): Int
usersCount(query: String): Int
users_aggregate(where: users_bool_exp): Numbers ;; input users_bool_exp { _and: [users_bool_exp!] email: StringFilter }
usersAggregate(where: UserFilter): Numbers
aggregateUser(where: UserFilter, orderBy: [UserOrder!]): Numbers
_allUsersMeta(where: UserFilter): Numbers
usersMeta(where: UserFilter): Numbers
userStats(filter: UserFilter): Numbers
userExists(where: UserFilter): Boolean
userExists(email: String): Boolean
userExists(by: Emails): Boolean
hasUser(where: UserFilter): Boolean
hasUser(email: String): Boolean
anyUser(where: Emails): Boolean
existsByEmail(email: String): Boolean
existsUser(email: String): Boolean
countByEmail(email: String): Int
averageSalary(where: UserFilter): Float
avgSalary(where: Emails): Float
salaryPercentile(salary: Int): Float
salarySum(filter: UserFilter): Int
usersWithSalaryAbove(amount: Int): Int
Product.buyersCount(where: UserFilter): Int
# Single objects
user(email: String): User
user(phone: String!): User
user(ssn: ID): User
user(where: UserWhereUniqueInput): User
user(by: UserWhereUniqueInput): User
user(key: Contact): User
user(lookup: Emails): User
userByEmail(email: String!): User
userByPhone(phone: String): User
getUserByEmail(email: String): User
findUser(email: String): User
findUniqueUser(where: UserWhereUniqueInput!): User
findFirstUser(where: UserFilter, orderBy: [UserOrder!]): User
getUser(email: String): User
account(iban: String): Account
accountByIban(iban: String!): Account
order(cardNumber: String): Order
order(customerEmail: String, code: String): Order
userLookup(value: String, email: Email): User
Order.customerIf(email: String): User
# Probes that return a leaf
emailTaken(email: String): Boolean
isEmailTaken(email: String!): Boolean!
emailAvailable(email: String): Boolean
isEmailAvailable(email: Email!): Boolean!
isEmailUnique(email: String): Boolean
isPhoneInUse(phone: String): Boolean
checkEmail(email: String): Boolean
checkEmailExists(email: String): Boolean
emailExists(email: String): Boolean
isRegistered(email: String): Boolean
isRegistered(phone: String!): Boolean!
isMember(email: String): Boolean
isAdmin(email: String): Boolean
isSubscribed(email: String!): Boolean
isCustomer(email: String): Boolean
isBlocked(phone: String): Boolean
isInvited(email: String!): Boolean!
isEmployee(ssn: String): Boolean
hasAccount(email: String): Boolean
hasPosted(email: String): Boolean
hasPassword(email: String): Boolean
canSignIn(email: String): Boolean
isUser(email: String): Boolean
ibanKnown(iban: String): Boolean
ibanTaken(value: String): Boolean
isKnownIban(iban: String): Boolean
matchesSalary(salary: Int): Boolean
salaryAbove(amount: Int): Boolean
balanceAbove(amount: Decimal): Int
balanceBetween(from: Decimal, to: Decimal): Int
balanceAtLeast(value: Decimal): Boolean
hasBalanceOver(amount: Decimal): Boolean
earnsMoreThan(salary: Int): Boolean
idByEmail(email: String): ID
userId(email: String): ID
userIdByEmail(email: String!): ID
userIds(emails: [String!]!): [ID]
userName(email: String): String
nameOf(email: String): String
nameForEmail(email: String): String
balanceOf(email: String): Decimal
balance(email: String): Decimal
loginFor(phone: String): String
salaryOf(ssn: String): Int
resolveEmail(email: String): ID
resolveUser(email: String): ID
lookup(email: String): ID
lookupByPhone(phone: String): String
whois(email: String): String
accountIdForIban(iban: String): ID
holderOf(iban: String): String
idOf(ssn: String): ID
emails(startsWith: String): [String]
emails(prefix: String): [String]
emails(contains: String!): [String!]!
phones(like: String): [String]
suggestEmails(prefix: String): [String]
emailSuggestions(term: String): [String]
autocompleteEmail(text: String): [String]
searchEmails(q: String): [String]
userEmails(search: String): [String]
userSuggestions(prefix: String): [String]
autocompleteUsers(term: String): [String]
searchUserNames(query: String): [String]
userNames(where: UserFilter): [String]
peopleIds(where: Emails): [ID]
userIds(where: UserFilter): [ID!]
ids(where: Emails): [ID!]
ids(filter: Ibans): [ID]
total(where: Emails): Int
search(where: Emails): JSON
export(filter: Emails): String
report(where: Ibans): JSON
report(filter: UserFilter): String
names(where: Contact): [String]
balance(where: Emails): Float
checkUser(email: String): Verdict
checkAvailability(email: String): Verdict
emailStatus(email: String): Verdict
userOptions(search: String): [Option]
userOptions(filter: UserFilter): [Option]
# By the fields of related objects, by one of several, and after words of the type
posts(where: PostsWhere): [Post] ;; input PostsWhere { authorEmail: String }
posts(filter: PostsFilter): [Post] ;; input PostsFilter { author_email_contains: String }
posts(orderBy: PostOrder): [Post] ;; enum PostOrder { TITLE_ASC AUTHOR_EMAIL_ASC AUTHOR__SALARY_DESC }
orders(customer_ssn: String): [Order]
order(customerPhone: String): Order
user(email_eq: String): User
user(loginOrEmail: String!): User
user(emailOrPhone: String): User
users(nameOrEmail: String): [User]
isRegistered(emailOrPhone: String): Boolean
isMember(userEmail: String): Boolean
isCustomer(customerEmail: String): Boolean
hasOrdered(cardNumber: String): Boolean
areMembers(emails: [String!]!): [Boolean!]
userExists(field: UserField!, value: String): Boolean
# On objects
User.matchesEmail(email: String): Boolean
User.hasPhone(value: String): Boolean
User.isReachableAt(phone: String): Boolean
User.salaryAbove(amount: Int): Boolean
Account.isIban(iban: String): Boolean @auth(requires: USER)
User.followers(where: UserFilter): [User]
Post.likedBy(email: String): Boolean
# States of what a value belongs to
isEmailVerified(email: String!): Boolean
isEmailConfirmed(email: String): Boolean
isPhoneLinked(phone: String): Boolean
isUserActive(email: String): Boolean
emailBelongsTo(email: String): String
whose(phone: String): String
whoHas(phone: String): String
salaries(above: Int): [Int]
salaries(min: Int, max: Int): [Int]
Mutation.isEmailTaken(email: String): Boolean
Mutation.checkEmailAvailable(email: String!): Boolean
# Generators
users_stream(cursor: [Cursor]!): [User] ;; input Cursor { initial_value: CursorValue! } input CursorValue { email: String }
users_aggregated(groupBy: [String], filter: Emails): [Numbers]
usersCollection(filter: usersFilter, orderBy: [usersOrderBy!]): UserConnection ;; input usersFilter { email: StringFilter } input usersOrderBy { email: OrderDirection }
users(where: RootQueryToUserConnectionWhereArgs): UserConnection ;; input RootQueryToUserConnectionWhereArgs { search: String login: String }
Users(where: User_where): UserPage ;; input User_where { AND: [User_where] email: User_email_operator } input User_email_operator { equals: String }
countUsers(where: countUsers_where): Int ;; input countUsers_where { email: StringFilter }
users(options: UserOptions): [User] ;; input UserOptions { limit: Int sort: [UserOrder!] }
groupByUser(by: [ProductField!], having: UserHaving): [Numbers] ;; input UserHaving { salary: IntFilter }
customerByIdentifier(identifier: CustomerIdentifier!): User ;; input CustomerIdentifier @oneOf { id: ID emailAddress: String }
listUsers(filter: ModelUserFilterInput): UserPage ;; input ModelUserFilterInput { email: ModelStringInput } input ModelStringInput { eq: String }
values(field: UserField): [String]
topUsers(by: UserField): [User]
userStats(columns: [UserField!]): [Numbers]
columnStats(column: UserField): Numbers
`
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));
