import { DEFAULT_LIMITS, type LimitName } from '../../src/graphql/limits.ts';

export function times(count: number, text: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => text(index)).join(' ');
}

export function nested(open: string, core: string, close: string, count: number): string {
  return open.repeat(count) + core + close.repeat(count);
}

/** `levels` fields within each other. */
export function deep(levels: number): string {
  return `{ node { ${nested('parent { ', 'id', ' }', levels - 2)} } }`;
}

const { aliases, depth, directives, duplicates, nameLength, operations, rootFields, valueDepth } = DEFAULT_LIMITS;

/** Each family of documents that ask for too much: one just within the limit, and several beyond it. */
export const FAMILIES: Record<
  Exclude<LimitName, 'tokens' | 'introspectionDepth'>,
  { within: string[]; beyond: string[] }
> = {
  aliases: {
    within: [`{ ${times(aliases, (i) => `a${i}: hello`)} }`],
    beyond: [
      `{ ${times(aliases + 1, (i) => `a${i}: hello`)} }`,
      `mutation { ${times(300, (i) => `a${i}: login(login: "x", password: "y")`)} }`,
      `{ node { ...F } } fragment F on Node { ${times(aliases + 1, (i) => `a${i}: id`)} }`,
      `{ node { ... { ... { ${times(aliases + 1, (i) => `a${i}: id`)} } } } }`,
      `{ ${times(aliases + 1, (i) => `a${i}: __typename`)} }`,
      `query A { ${times(aliases, (i) => `a${i}: hello`)} } query B { b: hello }`,
    ],
  },
  depth: {
    within: [deep(depth), `{ ...F } fragment F on Query ${deep(depth)}`],
    beyond: [
      deep(depth + 1),
      deep(1000),
      `{ __schema { types { name } } ${deep(depth + 1).slice(1)}`,
      `{ node { ...F0 } } ${times(depth, (i) => `fragment F${i} on Node { parent { ...F${i + 1} } }`)} fragment F${depth} on Node { id }`,
      `query A { hello } query B ${deep(depth + 1)}`,
      `{ hello } fragment Unused on Node { ${nested('parent { ', 'id', ' }', 30)} }`,
      deep(depth + 1).replace('{ node', '{ node @include(if: false)'),
    ],
  },
  duplicates: {
    within: [`{ ${times(duplicates, () => 'hello')} }`],
    beyond: [
      `{ ${times(duplicates + 1, () => 'hello')} }`,
      `{ ${times(600, () => 'hello(name: "x")')} }`,
      `{ node { ${times(duplicates + 1, (i) => `...F${i}`)} } } ${times(duplicates + 1, (i) => `fragment F${i} on Node { name }`)}`,
      `{ node { ${times(duplicates + 1, () => '...F')} } } fragment F on Node { name }`,
      `{ node { ${times(8, () => `parent { ${times(8, () => 'name')} }`)} } }`,
      // 3^18 fields, were they all visited; 2^25.
      `{ node { ...F0 } } ${times(18, (i) => `fragment F${i} on Node { id ...F${i + 1} ...F${i + 1} ...F${i + 1} }`)} fragment F18 on Node { __typename }`,
      `{ node { ...F0 } } ${times(25, (i) => `fragment F${i} on Node { ... { ...F${i + 1} } ... { ...F${i + 1} } }`)} fragment F25 on Node { id }`,
      `{ hello } fragment Unused on Node { ${times(600, () => 'name')} }`,
      `{ node { ...F } } fragment F on Node { ${times(600, () => 'name')} } fragment F on Node { id }`,
    ],
  },
  rootFields: {
    within: [`{ ${times(rootFields, (i) => `a${i}: hello`)} }`],
    beyond: [
      `{ __typename nothing ${times(rootFields - 1, (i) => `a${i}: hello`)} }`,
      `mutation { login(login: "x", password: "y") ${times(rootFields, (i) => `a${i}: throws(what: "x")`)} }`,
    ],
  },
  directives: {
    within: [`{ hello @include(if: true) @skip(if: false) }`],
    beyond: [
      `{ hello ${times(directives + 1, () => '@include(if: true)')} }`,
      `{ ... ${times(directives + 1, () => '@skip(if: false)')} { hello } }`,
      `{ ...F ${times(directives + 1, () => '@skip(if: false)')} } fragment F on Query { hello }`,
      `query ${times(directives + 1, (i) => `@unknown${i}`)} { hello }`,
      `query ($a: Int ${times(directives + 1, (i) => `@unknown${i}`)}) { takes(int: $a) }`,
      `{ ...F } fragment F on Query ${times(directives + 1, (i) => `@unknown${i}`)} { hello }`,
    ],
  },
  selections: {
    within: [],
    beyond: [
      `{ node { ${times(49, () => '...F0')} } } ${times(45, (i) => `fragment F${i} on Node { ...F${i + 1} }`)} fragment F45 on Node { id }`,
      `{ node { ...F } } fragment F on Node { ${nested('... { ', 'id', ' }', 900)} } query B { node { ...F ...F ...F } }`,
      times(
        20,
        (i) =>
          `query Q${i} { node { ${times(49, () => 'id')} ${times(49, () => 'name')} ${times(9, () => '__typename')} } }`,
      ),
    ],
  },
  nameLength: {
    within: [`{ ${'a'.repeat(nameLength)}: hello }`],
    beyond: [
      `{ ${'a'.repeat(nameLength + 1)}: hello }`,
      `query ${'a'.repeat(400_000)} { hello }`,
      `{ node { ...F } } fragment F on Node { ${'a'.repeat(nameLength + 1)}: id }`,
      `query ($${'a'.repeat(nameLength + 1)}: String) { hello }`,
    ],
  },
  operations: {
    within: [],
    beyond: [
      times(operations + 1, (i) => `query Q${i} { hello }`),
      times(300, (i) => `mutation Q${i} { throws(what: "x") }`),
    ],
  },
  fragmentCycle: {
    within: ['{ node { ...A ...B } } fragment A on Node { parent { ...B } } fragment B on Node { id }'],
    beyond: [
      '{ ...F } fragment F on Query { ...F }',
      '{ node { ...A } } fragment A on Node { parent { ...B } } fragment B on Node { ... { ...A } }',
      '{ hello } fragment A on Node { ...B } fragment B on Node { ...A }',
      '{ node { ...A } } fragment A on Node { id ...A } fragment A on Node { id }',
    ],
  },
  valueDepth: {
    within: [`{ takes(data: ${nested('[', '1', ']', valueDepth)}) }`],
    beyond: [
      `{ takes(data: ${nested('[', '1', ']', valueDepth + 1)}) }`,
      `{ takes(data: ${nested('{ a: ', '1', ' }', valueDepth + 1)}) }`,
      `{ takes(data: ${nested('[{ a: ', '1', ' }]', valueDepth)}) }`,
      `query ($d: JSON = ${nested('[', '1', ']', 500)}) { takes(data: $d) }`,
      `{ hello @include(if: ${nested('[', 'true', ']', 500)}) }`,
    ],
  },
  cost: {
    within: ['{ nodes(first: 200) { nodes { children(first: 20) { nodes { id name } } } } }', deep(12)],
    beyond: [
      '{ nodes(first: 200) { nodes { children(first: 200) { nodes { id } } } } }',
      '{ nodes(last: 200) { edges { node { children(last: 200) { edges { node { id } } } } } } }',
      '{ nodes(first: 1, last: 200) { nodes { children(first: 200) { nodes { id } } } } }',
      '{ nodes(first: 200) { nodes { ...F } } } fragment F on Node { children(first: 200) { nodes { id } } }',
      '{ node { list { list { list { list { list { id } } } } } } }',
      '{ nodes { nodes { children { nodes { children { nodes { children { nodes { id } } } } } } } } }',
      `{ ${times(20, (i) => `a${i}: nodes(first: 200) { nodes { list { id } } }`)} }`,
      'query ($n: Int = 200) { nodes(first: $n) { nodes { children(first: $n) { nodes { id } } } } }',
    ],
  },
  text: {
    within: ['{ hello(name: "tab \\t and \\uD83D\\uDE00") }'],
    beyond: [
      '{ hello(name: "a\\u0000b") }',
      '{ takes(data: { a: ["\\u{0}"] }) }',
      'query ($n: String = "\\u0000") { hello(name: $n) }',
    ],
  },
};
