import type { Choices } from './random-operations.ts';

const LEAVES = ['Int', 'String', 'ID', 'Float', 'Boolean', 'Odd', 'Color'];

/** Some of these names have a resolver in {@link oddSchema}, others are properties or methods. */
const FIELDS = ['things', 'next', 'some', 'any', 'value', 'count', 'name', 'thing', 'method', 'mustNext', 'odd'];

/** By name, objects of some types are recognized by `isTypeOf`, and some abstract types have a `resolveType`. */
const OBJECTS = ['First', 'Checked', 'Third'];
const ABSTRACT = ['Named', 'Loose', 'Either'];

/** Random object types, two interfaces and a union, whose fields have lists and non-null types in any order. */
export function randomTypeDefs(choices: Choices): string {
  const interfaces = ['Named', 'Loose'].map((name) => ({ name, fields: fieldsOf(choices, 1) }));
  const objects = OBJECTS.map((name) => {
    const implemented = interfaces.filter(() => choices.isBelow(0.5));
    const inherited = Object.assign({}, ...implemented.map(({ fields }) => fields).toReversed()) as Fields;
    // The same field of two interfaces may have two types: then the object implements the first of them.
    const kept = implemented.filter(({ fields }) =>
      Object.entries(fields).every(([key, type]) => inherited[key] === type),
    );
    const heading = kept.length === 0 ? '' : ` implements ${kept.map((one) => one.name).join(' & ')}`;
    return `type ${name}${heading} ${block({ ...fieldsOf(choices, 3), ...inherited })}`;
  });
  const union = OBJECTS.filter((_, index) => index === 0 || choices.isBelow(0.6));
  return `enum Role { ADMIN }
    enum Color { RED GREEN }
    scalar Odd
    ${interfaces.map(({ name, fields }) => `interface ${name} ${block(fields)}`).join(' ')}
    ${objects.join(' ')}
    union Either = ${union.join(' | ')}
    type Query ${block(fieldsOf(choices, 4))}
    type Mutation ${block(fieldsOf(choices, 3))}
    type Subscription ${block(fieldsOf(choices, 2))}`;
}

type Fields = Readonly<Record<string, string>>;

function fieldsOf(choices: Choices, min: number): Fields {
  const count = min + choices.upTo(3);
  return Object.fromEntries(Array.from({ length: count }, () => [choices.pick(FIELDS), typeOf(choices)]));
}

function typeOf(choices: Choices): string {
  const named = choices.pick([...LEAVES, ...OBJECTS, ...OBJECTS, ...ABSTRACT, ...ABSTRACT]);
  return Array.from({ length: choices.upTo(4) }).reduce<string>((type) => {
    return choices.isBelow(0.4) ? `[${type}]` : type.endsWith('!') ? type : `${type}!`;
  }, named);
}

function block(fields: Fields): string {
  return `{ ${Object.entries(fields)
    .map(([name, type]) => `${name}: ${type}`)
    .join(' ')} }`;
}
