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
import type { Step } from './path-finder.ts';
import { build, type InputPath, inputPathsWithin } from './input-paths.ts';
import {
  type SuppliedArgument,
  literalArgument,
  sampleOf,
  type Sampling,
  suppliedBy,
  type Variable,
} from './values.ts';

/** One attempt to supply a field with guarded input. */
export interface InputInjection {
  /** The guarded coordinate: `Type.field(arg:)`, `Input.field` or `Enum.VALUE`. */
  readonly coordinate: string;
  readonly way: string;
  /** The field that takes it, with all its arguments. */
  readonly step: Step;
}

const NULL: ConstValueNode = { kind: Kind.NULL };
const VARIABLE = { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: 'v' } } as const;

/** Returns every way to supply a field, in any of its arguments, with guarded input. */
export function injectionsInto(schema: GraphQLSchema, step: Step, sampling: Sampling): InputInjection[] {
  const type = schema.getType(step.type);
  const args = isObjectType(type) ? (type.getFields()[step.field]?.args ?? []) : [];
  return args.flatMap((argument) => {
    const others = step.supplied.filter(({ name }) => name !== argument.name);
    const own = `${step.type}.${step.field}(${argument.name}:)`;
    return inputPathsWithin(argument.type, own, sampling).flatMap((path) =>
      formsOf({ argument, own, path, sampling }).map(([way, supplied]): InputInjection => {
        return { coordinate: path.coordinate, way, step: { ...step, supplied: [...others, supplied] } };
      }),
    );
  });
}

/** One argument, and the place within it. */
interface Plan {
  readonly argument: GraphQLArgument;
  readonly own: string;
  readonly path: InputPath;
  readonly sampling: Sampling;
}

/** Returns the ways of writing guarded input into an argument. */
function formsOf(plan: Plan): [way: string, supplied: SuppliedArgument][] {
  const { argument, own, path, sampling } = plan;
  const leaf: ConstValueNode =
    path.value === null
      ? sampleOf({ ...argument, type: path.type }, path.coordinate, sampling)
      : { kind: Kind.ENUM, value: path.value };
  const at = (node: ConstValueNode): ConstValueNode => build(argument.type, path, node, 'one', sampling);
  const literal = (node: ConstValueNode): SuppliedArgument => literalArgument(argument, own, node);
  const forms: [string, SuppliedArgument][] = [
    ['literal', literal(at(leaf))],
    ['variable', wholeVariable(plan, at(leaf), 'sent')],
    ['default of a variable', wholeVariable(plan, at(leaf), 'default')],
  ];
  if (path.isInList) {
    forms.push(
      ['list without brackets', literal(build(argument.type, path, leaf, 'bare', sampling))],
      ['second in a list', literal(build(argument.type, path, leaf, 'second', sampling))],
    );
  }
  if (path.isInOneOf) {
    return forms; // Where exactly one field is supplied, variables and null are not.
  }
  forms.push(['variable within', innerVariable(plan, at(leaf), valueFromASTUntyped(leaf))]);
  if (path.value === null && isNullableType(path.type)) {
    forms.push(
      ['null', literal(at(NULL))],
      ['null by variable', wholeVariable(plan, at(NULL), 'sent')],
      ['null by variable within', innerVariable(plan, at(NULL), null)],
      ['nothing: a variable within that is not sent', notSent(plan)],
    );
  }
  return forms;
}

/** Writes the argument as a variable, which is sent, or has a default. */
function wholeVariable({ argument, own }: Plan, node: ConstValueNode, how: 'sent' | 'default'): SuppliedArgument {
  const { name, type } = argument;
  const variable: Variable =
    how === 'sent'
      ? { name: 'v', type: String(type), value: valueFromASTUntyped(node) }
      : { name: 'v', type: String(isNonNullType(type) ? type.ofType : type), fallback: node };
  return { name, type, value: VARIABLE, variables: [variable], supplies: [own, ...suppliedBy(type, node)] };
}

/** Writes a variable at the very place. */
function innerVariable(
  { argument, own, path, sampling }: Plan,
  node: ConstValueNode,
  value: unknown,
): SuppliedArgument {
  const { name, type } = argument;
  const variableType = path.value === null ? String(path.type) : `${path.coordinate.split('.')[0]}!`;
  return {
    name,
    type,
    value: build(type, path, VARIABLE, 'one', sampling),
    variables: [{ name: 'v', type: variableType, value }],
    supplies: [own, ...suppliedBy(type, node)],
  };
}

/** Writes a variable that is not sent: GraphQL then drops the argument or input field, so it is not supplied. */
function notSent(plan: Plan): SuppliedArgument {
  const { argument, path, sampling } = plan;
  if (path.fieldNames.length === 0) {
    return { ...innerVariable(plan, NULL, undefined), supplies: [] };
  }
  return innerVariable(plan, build(argument.type, path, undefined, 'one', sampling), undefined);
}
