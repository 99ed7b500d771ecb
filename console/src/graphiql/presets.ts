/** Operations to begin with, each by its title. */
export const presets: readonly { readonly title: string; readonly query: string }[] = [
  {
    title: 'What I can reach',
    query: `query WhatICanReach {
  viewer {
    signedIn
    roles
    permissions
    can(coordinates: ["Query.users", "Query.accounts", "Account.iban", "Mutation.createRole"]) {
      coordinate
      verdict
    }
  }
}
`,
  },
  {
    title: 'Accounts, with fields that few may read',
    query: `query Accounts($search: String) {
  accounts(first: 5, filter: { search: $search }, orderBy: { field: NAME }) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes { name status billingEmail iban }
  }
}
`,
  },
  {
    title: 'Users, for administrators',
    query: `query Users {
  users(first: 5, orderBy: { field: USERNAME }) {
    totalCount
    nodes { username displayName roles account { name } }
  }
}
`,
  },
  {
    title: 'Why an operation is refused',
    query: `query Explain {
  explainAccess(operation: "{ accounts { nodes { iban } } }", roles: [STANDARD]) {
    allowed
    coordinates { coordinate verdict remedies }
  }
}
`,
  },
  {
    title: 'The audit trail',
    query: `query Audit {
  auditEvents(first: 10) {
    nodes { at action target actorUser { username } }
  }
}
`,
  },
  {
    title: 'Changes of documents, live',
    query: `subscription Documents {
  documentChanged { kind id document { title authorName } }
}
`,
  },
];
