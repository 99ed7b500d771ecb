import type { Tape } from './tape.ts';

const ROLES = ['R0', 'R1', 'R2', 'R3'];
const PERMISSIONS = ['p:a', 'p:b'];
const INTERFACES = ['I0', 'I1'];
const OBJECTS = ['T0', 'T1', 'T2', 'T3'];
const RETURNS = [...OBJECTS, ...INTERFACES, 'U', 'T0Connection'] as const;
const READABLE = ['T0.a', 'T1.b', 'I0.i0', 'T2.id', 'T0.to0'];

/** Random type definitions, most of which make a policy that can be enforced. */
export function randomSdl(tape: Tape): string {
  const guardedInterfaces = new Set(INTERFACES.filter(() => tape.oneIn(3)));
  const interfaces = INTERFACES.map((name, index) => {
    const mark = guardedInterfaces.has(name) ? requirements(tape, false) : '@public';
    return `interface ${name} ${mark} { id: ID i${index}: String ${maybe(tape, false)} }`;
  });
  return [
    roles(tape),
    ...interfaces,
    ...OBJECTS.map((name) => objectType(tape, name, guardedInterfaces)),
    `union U = ${tape
      .pick([
        ['T0', 'T1'],
        ['T1', 'T2', 'T3'],
        ['T3', 'T0'],
      ])
      .join(' | ')}`,
    'type T0Connection { edges: [T0Edge] nodes: [T0] totalCount: Int }',
    'type T0Edge { cursor: String node: T0 }',
    inputs(tape),
    `type Query ${tape.oneIn(4) ? requirements(tape, false) : '@public'} { ${fields(tape, 'q', [...RETURNS], false)} }`,
    `type Mutation @public { ${fields(tape, 'm', OBJECTS, false)} }`,
  ].join('\n');
}

function roles(tape: Tape): string {
  const values = ROLES.map((role, index) => {
    const inherited = tape.some(ROLES.slice(index + 1));
    return `${role} ${inherited.length > 0 ? `@inherits(roles: ${JSON.stringify(inherited)})` : ''}`;
  });
  return `enum Role { ${tape.shuffle(values).join(' ')} }`;
}

function objectType(tape: Tape, name: string, guardedInterfaces: ReadonlySet<string>): string {
  const implemented = tape.some(INTERFACES);
  const isClosed = implemented.some((one) => guardedInterfaces.has(one));
  const isOpen = !isClosed && !tape.oneIn(2);
  const mark = isOpen ? '@public' : isClosed && tape.oneIn(2) ? '' : requirements(tape, true);
  const head = `type ${name} ${implemented.length > 0 ? `implements ${implemented.join(' & ')}` : ''} ${mark}`;
  const inherited = implemented.map((one) => `i${one.slice(1)}: String ${maybe(tape, true)}`);
  const own = `id: ID a: String ${maybe(tape, true)} b: Int ${maybe(tape, true)}`;
  return `${head} { ${own} ${inherited.join(' ')} ${fields(tape, 'to', [...RETURNS], true)} }`;
}

/** Fields that return objects, some of them with arguments. */
function fields(tape: Tape, prefix: string, returns: readonly string[], mayOwn: boolean): string {
  const count = 2 + tape.below(4);
  return Array.from({ length: count }, (_, index) => {
    const named = returns[tape.below(returns.length)] ?? 'T0';
    const type = tape.pick([named, `[${named}]`, `[[${named}]]`]);
    const args = tape.pick([
      '',
      `(x: Int ${maybe(tape, false)})`,
      '(in: In)',
      `(in: [In!] e: E ${reads(tape)})`,
      '(e: [E!])',
    ]);
    return `${prefix}${index}${args}: ${named.endsWith('Connection') ? named : type} ${maybe(tape, mayOwn)}`;
  }).join(' ');
}

function inputs(tape: Tape): string {
  return `enum E { A B ${reads(tape)} C ${reads(tape)} }
    input In { x: Int y: Int ${maybe(tape, false)} deep: In list: [In] e: E s: String ${reads(tape)} }`;
}

/** Perhaps some requirements. */
function maybe(tape: Tape, mayOwn: boolean): string {
  return tape.oneIn(3) ? requirements(tape, mayOwn) : reads(tape);
}

function reads(tape: Tape): string {
  return tape.oneIn(6) ? `@reads(fields: ${JSON.stringify([READABLE[tape.below(READABLE.length)]])})` : '';
}

function requirements(tape: Tape, mayOwn: boolean): string {
  return Array.from({ length: tape.oneIn(4) ? 2 : 1 }, () => requirement(tape, mayOwn)).join(' ');
}

function requirement(tape: Tape, mayOwn: boolean): string {
  const required = tape.some(ROLES);
  const permissions = tape.oneIn(3) ? tape.some(PERMISSIONS) : [];
  const keys = [
    ...(required.length === 1 ? [`requires: ${required[0]}`] : []),
    ...(required.length > 1 ? [`requires: [${required.join(', ')}]`] : []),
    ...(permissions.length > 0 ? [`permissions: ${JSON.stringify(permissions)}`] : []),
    ...(mayOwn && tape.oneIn(3) ? ['owner: "id"'] : []),
  ];
  return keys.length === 0 ? '@auth' : `@auth(${keys.join(', ')})`;
}

/** A signed-in or anonymous viewer, with some grants. */
export function randomViewer(tape: Tape): { id: string | null; roles: string[]; permissions: string[] } {
  const viewer = { id: 'me', roles: tape.some(ROLES), permissions: tape.some(PERMISSIONS) };
  return tape.oneIn(6) ? { id: null, roles: [], permissions: [] } : viewer;
}
