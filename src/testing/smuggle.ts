import {
  type ConstValueNode,
  type GraphQLArgument,
  type GraphQLSchema,
  isNonNullType,
  isNullableType,
  isObjectType,
  Kind,
  valueFromASTUntyped,
} from 'graphql';
import type { Step } from './routes.ts';
import { build, type Spot, spotsWithin } from './spots.ts';
import { type Given, givenLiteral, sampleOf, type Sampling, suppliedBy, type Variable } from './values.ts';

/** An attempt to supply something guarded to a field. */
export interface Smuggling {
  /** What is supplied: `Type.field(arg:)`, `Input.field` or `Enum.VALUE`. */
  readonly coordinate: string;
  readonly way: string;
  /** The field that takes it, with all that it is given. */
  readonly step: Step;
}

const NULL: ConstValueNode = { kind: Kind.NULL };
const VARIABLE = { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: 'v' } } as const;

/** Every way to supply a field, in any of its arguments, with something that is guarded. */
export function smugglingsInto(schema: GraphQLSchema, step: Step, sampling: Sampling): Smuggling[] {
  const type = schema.getType(step.type);
  const args = isObjectType(type) ? (type.getFields()[step.field]?.args ?? []) : [];
  return args.flatMap((argument) => {
    const others = step.given.filter(({ name }) => name !== argument.name);
    const own = `${step.type}.${step.field}(${argument.name}:)`;
    return spotsWithin(argument.type, own, sampling).flatMap((spot) =>
      formsOf({ argument, own, spot, sampling }).map(([way, given]): Smuggling => {
        return { coordinate: spot.coordinate, way, step: { ...step, given: [...others, given] } };
      }),
    );
  });
}

/** One argument, and what is to be put where within it. */
interface Plan {
  readonly argument: GraphQLArgument;
  readonly own: string;
  readonly spot: Spot;
  readonly sampling: Sampling;
}

/** The ways of writing something guarded into an argument. */
function formsOf(plan: Plan): [way: string, given: Given][] {
  const { argument, own, spot, sampling } = plan;
  const leaf: ConstValueNode =
    spot.value === null
      ? sampleOf({ ...argument, type: spot.type }, spot.coordinate, sampling)
      : { kind: Kind.ENUM, value: spot.value };
  const at = (node: ConstValueNode): ConstValueNode => build(argument.type, spot, node, 'one', sampling);
  const literal = (node: ConstValueNode): Given => givenLiteral(argument, own, node);
  const forms: [string, Given][] = [
    ['literal', literal(at(leaf))],
    ['variable', wholeVariable(plan, at(leaf), 'sent')],
    ['default of a variable', wholeVariable(plan, at(leaf), 'default')],
  ];
  if (spot.isInList) {
    forms.push(
      ['list without brackets', literal(build(argument.type, spot, leaf, 'bare', sampling))],
      ['second in a list', literal(build(argument.type, spot, leaf, 'second', sampling))],
    );
  }
  if (spot.isInOneOf) {
    return forms; // Where exactly one field is given, variables and null are not.
  }
  forms.push(['variable within', innerVariable(plan, at(leaf), valueFromASTUntyped(leaf))]);
  if (spot.value === null && isNullableType(spot.type)) {
    forms.push(
      ['null', literal(at(NULL))],
      ['null by variable', wholeVariable(plan, at(NULL), 'sent')],
      ['null by variable within', innerVariable(plan, at(NULL), null)],
      ['nothing: a variable within that is not sent', notSent(plan)],
    );
  }
  return forms;
}

/** The argument as a variable, which is sent, or has a default. */
function wholeVariable({ argument, own }: Plan, node: ConstValueNode, how: 'sent' | 'default'): Given {
  const { name, type } = argument;
  const variable: Variable =
    how === 'sent'
      ? { name: 'v', type: String(type), value: valueFromASTUntyped(node) }
      : { name: 'v', type: String(isNonNullType(type) ? type.ofType : type), fallback: node };
  return { name, type, value: VARIABLE, variables: [variable], supplies: [own, ...suppliedBy(type, node)] };
}

/** A variable in the very spot. */
function innerVariable({ argument, own, spot, sampling }: Plan, node: ConstValueNode, value: unknown): Given {
  const { name, type } = argument;
  const variableType = spot.value === null ? String(spot.type) : `${spot.coordinate.split('.')[0]}!`;
  return {
    name,
    type,
    value: build(type, spot, VARIABLE, 'one', sampling),
    variables: [{ name: 'v', type: variableType, value }],
    supplies: [own, ...suppliedBy(type, node)],
  };
}

/** GraphQL drops an argument or input field whose variable is not sent: then it is not supplied. */
function notSent(plan: Plan): Given {
  const { argument, spot, sampling } = plan;
  if (spot.hops.length === 0) {
    return { ...innerVariable(plan, NULL, undefined), supplies: [] };
  }
  return innerVariable(plan, build(argument.type, spot, undefined, 'one', sampling), undefined);
}
