/** Fields that reveal nothing guarded by what they are given, as real schemas write them. */
export const INNOCENT: readonly string[] = `
# Pages, ids and cursors
users(first: Int, after: String, last: Int, before: String): UserConnection
users(limit: Int, offset: Int): [User]
users(page: Int, perPage: Int): UserPage
users(page: Page): UserPage
users(pagination: Page): UserPage
users(take: Int, skip: Int, cursor: ID): [User]
users(ids: [ID!]!): [User]
users(id_in: [ID!]): [User]
user(id: ID!): User
user(login: String!): User
user(name: String): User
userByLogin(login: String!): User
getUser(id: ID!): User
node(id: ID!): User
nodes(ids: [ID!]!): [User]
account(id: ID!): Account
accounts(currency: String): [Account]
accounts(label: String, first: Int): [Account]
order(id: ID, code: String): Order
orders(status: Status, placedAfter: DateTime): [Order]
orders(placedAt_gte: DateTime): [Order]
posts(author: ID): [Post]
posts(authorId: ID!): [Post]
posts(authorName: String): [Post]
User.friends(first: Int, after: String): UserConnection
User.orders(status: Status): [Order]
# Filters and orders of what is not guarded
users(where: UserNameFilter): [User]
users(filter: UserNameFilter, first: Int): UserConnection
users(orderBy: UserNameOrder): [User] ;; enum UserNameOrder { NAME_ASC NAME_DESC CREATED_AT_ASC }
users(sort: NameSort): [User] ;; input NameSort { field: NameField direction: OrderDirection } enum NameField { NAME LOGIN }
users(nameContains: String): [User]
users(name: String, login: String): [User]
users(createdAfter: DateTime): [User]
users(hasAvatar: Boolean): [User]
users(status: Status): [User]
products(where: ProductFilter): [Product]
products(filter: ProductFilter!, orderBy: ProductOrder): [Product]
products(search: String): [Product]
products(query: String, sortBy: ProductField): [Product]
products(filter: JSON): [Product]
products(filters: [Rule!]): [Product]
products(groupBy: ProductField): [Numbers]
products(distinctOn: [ProductField!]): [Product]
products(minPrice: Float, maxPrice: Float): [Product]
products(priceAbove: Float, category: String, inStock: Boolean): [Product]
products(q: String): [Product]
productsCount(where: ProductFilter): Int
productExists(sku: String): Boolean
productBySku(sku: String!): Product
product(sku: String, slug: String): Product
searchProducts(text: String): [Product]
suggestProducts(prefix: String): [String]
productNames(startsWith: String): [String]
autocompletePlaces(text: String): [Place]
placeSuggestions(term: String, latitude: Float): [String]
averagePrice(where: ProductFilter): Float
priceAbove(amount: Float): Boolean
stockOf(sku: String): Int
priceOf(sku: String!): Decimal
isInStock(sku: String!): Boolean
skuTaken(sku: String): Boolean
slugAvailable(slug: String): Boolean
isSlugUnique(slug: String!): Boolean
loginTaken(login: String): Boolean
isLoginAvailable(login: String!): Boolean
usernameAvailable(username: String!): Boolean
nameTaken(name: String): Boolean
nameExists(name: String): Boolean
posts(where: PostFilter): [Post]
posts(filter: PostFilter): [Post]
posts(tag: String, status: Status): [Post]
posts(tags: [String!]): [Post]
posts(tagged: String): [Post]
postBySlug(slug: String!): Post
postCount(where: PostFilter): Int
postsCount(status: Status): Int
places(near: Near): [Place] ;; input Near { latitude: Float longitude: Float radius: Int }
places(city: String, address: String): [Place]
placeByAddress(address: String): Place
geocode(address: String!): Place
tags(startsWith: String): [String]
tags(prefix: String!, first: Int): [String]
categories(search: String): [String]
cities(like: String): [String]
totalStock(where: ProductFilter): Int
ids(where: ProductFilter): [ID]
skus(where: ProductFilter): [String]
report(where: ProductFilter): JSON
export(filter: PostFilter): String
statistics(from: DateTime, to: DateTime): Numbers
salesReport(from: DateTime!, to: DateTime!, currency: String): JSON
revenue(period: String, groupBy: Interval): Float ;; enum Interval { DAY WEEK MONTH }
# Values that are formatted, checked or converted
isEmailValid(email: String): Boolean
isValidEmail(email: String!): Boolean
validateEmail(email: String): Boolean
validateIban(iban: String!): Boolean!
isIbanValid(iban: String): Boolean
ibanChecksum(iban: String): Int
ibanCountry(iban: String): String
formatIban(iban: String): String
formatPhone(phone: String, country: String): String
normalizePhone(phone: String): String
normalizeEmail(email: String!): String
parsePhone(phone: String): JSON
phoneCountry(phone: String): String
maskEmail(email: String): String
maskIban(iban: String): String
hashEmail(email: String): String
encodeEmail(email: String!): String
gravatar(email: String): String
gravatarUrl(email: String!, size: Int): String
avatarUrl(email: String, size: Int): String
emailDomain(email: String): String
domainOf(email: String): String
isDisposableEmail(email: String): Boolean
isFreeEmailProvider(email: String): Boolean
isCorporateEmail(email: String!): Boolean
previewEmail(email: String): Boolean
emailPreview(email: String, template: ID): String
renderEmail(template: ID!, email: String): String
ageAt(birthDate: DateTime!, at: DateTime): Int
age(birthDate: DateTime): Int
zodiacSign(birthDate: DateTime): String
ageFromBirthDate(birthDate: DateTime): Int
convert(balance: Decimal, to: String): Float
convertCurrency(balance: Float, from: String, to: String): Float
formatBalance(balance: Decimal!, locale: String): String
interest(balance: Decimal!, rate: Float!): Float
taxFor(salary: Int!): Int
netSalary(salary: Int!, country: String): Int
calculateTax(salary: Int): Float
estimatePension(salary: Int, birthDate: DateTime): Float
salaryCalculator(salary: Int, bonus: Int): Int
roleLabel(role: UserRole!): String
roleDescription(role: UserRole): String
permissions(role: UserRole): [String]
passwordStrength(password: String!): Int
translate(text: String!, to: String): String
detectLanguage(text: String!): String
markdown(text: String): String
slugify(text: String!): String
qrCode(value: String!): String
barcode(value: String, format: String): String
formatDate(value: DateTime, format: String): String
User.avatar2(size: Int, format: String): String
User.birthDateFormatted(format: String, locale: String): String @auth(requires: ADMIN)
User.displayName(locale: String, format: String): String
User.emailMasked(show: Int): String
Product.priceIn(currency: String!): Decimal
Product.isFavourite(userId: ID): Boolean
Post.excerpt(length: Int, suffix: String): String
Post.isLikedBy(userId: ID!): Boolean
Post.bodyHtml(query: String): String
fieldLabel(field: UserField): String
fieldDescription(field: UserField!, locale: String): String
# Flags, versions, places and languages
featureEnabled(name: String): Boolean
isFeatureEnabled(flag: String!, userId: ID): Boolean
hasPermission(permission: String!): Boolean
can(action: String!, resource: String): Boolean
setting(key: String!): String
settings(keys: [String!]): [Option]
translation(key: String!, locale: String): String
messages(locale: String!): JSON
version(platform: String): String
isSupported(version: String!, platform: String): Boolean
currencyRate(from: String!, to: String!): Float
exchangeRate(currency: String): Float
weather(city: String, units: String): JSON
distance(from: ID, to: ID): Float
route(from: String, to: String, by: String): JSON
deliveryEstimate(address: String, sku: String): Int
shippingCost(address: String!, weight: Float): Float
available(sku: String, email: String): Boolean
coupon(code: String!): Numbers
applyCoupon(code: String, total: Decimal): Decimal
image(size: Int, format: String): String
search(query: String!): [Product]
search(text: String, type: String): JSON
suggest(prefix: String): [String]
autocomplete(term: String): [String]
lookup(code: String): String
resolve(url: String!): String
resolveUrl(path: String): String
resource(path: String!): JSON
notifications(unread: Boolean, first: Int): [String]
feed(filter: FeedFilter): [String] ;; input FeedFilter { kind: String since: DateTime }
events(where: EventWhere): JSON ;; input EventWhere { kind: String at: DateTime }
logs(level: String, search: String): [String]
calendar(month: Int, year: Int): JSON
options(input: Page): [Option]
health(service: String): Boolean
me(locale: String): User
viewer(timezone: String): User
login(email: String!, password: String!): String
signIn(email: String, password: String): Verdict
total(where: ProductFilter): Int
max(values: [Int!]!): Int
echo(email: String): String
ping(value: String): String
# The same names over what is not guarded
users_by_pk(id: ID!): User
users(fields: [UserField!]): [User]
users(select: [UserField!], first: Int): UserConnection
user(fields: [UserField!]): User
users(createdBy: ID, isActive: Boolean): [User]
userCount(status: Status): Int
usersCount(createdAfter: DateTime): Int
userExists(id: ID!): Boolean
userExists(login: String!): Boolean
hasUser(id: ID): Boolean
isMember(userId: ID!, teamId: ID): Boolean
isAdmin(userId: ID!): Boolean
isFriend(login: String): Boolean
userName(id: ID!): String
userName(login: String): String
nameOf(login: String): String
userIds(names: [String!]): [ID]
avatarOf(login: String!): String
balanceOf(accountId: ID!): Decimal @auth(requires: EDITOR)
balanceBefore(date: DateTime!): Decimal @auth(requires: EDITOR)
posts(authorLogin: String): [Post]
posts(where: PostByAuthor): [Post] ;; input PostByAuthor { authorName: String author_login: String authorId: ID }
posts(orderBy: PostOrder): [Post] ;; enum PostOrder { TITLE_ASC AUTHOR_NAME_ASC LIKES_DESC }
orders(customerId: ID, customerName: String): [Order]
orders(customer: ID): [Order]
order(idOrCode: String): Order
user(loginOrId: String!): User
Post.likedBy(login: String): Boolean
User.isMe(id: ID): Boolean
User.hasAvatar(size: Int): Boolean
emailTemplates(search: String): [String]
emailSuggestion(email: String): String
phoneCodes(prefix: String): [String]
phoneCountries(search: String): [String]
roleNames(search: String): [String]
salaryBands(country: String): [Int]
salaryHistogram(buckets: Int): [Int]
isMobile(phone: String): Boolean
isValid(iban: String): Boolean
isDisposable(email: String!): Boolean
isAdult(birthDate: DateTime!): Boolean
isTaxable(salary: Int): Boolean
hasDiscount(total: Decimal): Boolean
interestOver(balance: Decimal, years: Int): Float
greeting(email: String): String
userGreeting(email: String): String
checkIbanFormat(iban: String): Verdict
checkCredentials(email: String, password: String): Boolean
checkStock(sku: String): Int
lookupSku(sku: String): Product
priceBetween(from: Float, to: Float): Int
stockAbove(amount: Int): Boolean
topProducts(by: ProductField): [Product]
values(field: ProductField): [String]
columnStats(column: ProductField): Numbers
count(where: VisitWhere): Int ;; input VisitWhere { email: String }
ids(where: PageWhere): [ID] ;; input PageWhere { path: String lang: String }
rates(currency: String, from: DateTime): [Float]
# What mutations write, and subscriptions follow
Mutation.register(email: String!, phone: String): User
Mutation.createUser(input: Contact!): User
Mutation.updateUser(id: ID!, email: String): User
Mutation.updateUser(id: ID!, input: Contact): Verdict
Mutation.upsertUser(email: String!, salary: Int): Boolean
Mutation.setSalary(id: ID!, salary: Int!): Int
Mutation.invite(email: String!): Boolean
Mutation.inviteUsers(emails: [String!]!): [User]
Mutation.requestPasswordReset(email: String!): Boolean
Mutation.changeEmail(email: String!): Boolean
Mutation.verifyPhone(phone: String, code: String): Boolean
Mutation.subscribe(email: String): Boolean
Mutation.createAccount(iban: String!, balance: Decimal): Account
Mutation.placeOrder(customerEmail: String, cardNumber: String!): Order
Mutation.importUsers(rows: [Contact!]): Numbers
Mutation.markEmailUsed(email: String): Boolean
Mutation.assignRole(id: ID, role: UserRole): User
Mutation.sendEmail(to: String, email: JSON): Boolean
Subscription.userChanged(id: ID!): User
Subscription.orderPlaced(status: Status): Order
Subscription.postAdded(author: ID, tag: String): Post
# Directives that only look like requirements
users(old: Int @deprecated(reason: "ADMIN")): [User]
posts(tag: String @deprecated(reason: "email, salary")): [Post]
# What says what it reads, or has the requirement
users(email: String @reads(fields: ["User.email"])): [User]
users(where: JSON @reads(fields: ["User.email"])): [User]
isMember(email: String @reads(fields: ["User.email"])): Boolean
balanceOf(email: String @auth(requires: ADMIN)): Decimal @auth(requires: ADMIN)
emails(startsWith: String): [String] @auth(requires: ADMIN)
ids(where: Marked): [ID!] ;; input Marked { email: String @reads(fields: ["User.email"]) }
`
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));
