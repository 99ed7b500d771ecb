import { type ExecutionArgs, getOperationAST } from 'graphql';
import { observeCall, type Step } from '../lib/tracing.ts';
import type { ObserveField } from './execute/plan.ts';
import { LONGEST_RECORDED_NAME } from './limits.ts';

/** The largest number of spans of resolvers in one operation: a list calls its resolvers for each row. */
const MOST_SPANS = 100;

/** Describes an execution by OpenTelemetry's conventions. The document is left out: it may hold values. */
export function stepOf({ document, operationName }: ExecutionArgs): Step {
  const operation = getOperationAST(document, operationName);
  const type = operation?.operation;
  const name = operation?.name?.value.slice(0, LONGEST_RECORDED_NAME);
  return {
    name: type ?? 'GraphQL Operation',
    attributes: {
      ...(type === undefined ? {} : { 'graphql.operation.type': type }),
      ...(name === undefined ? {} : { 'graphql.operation.name': name }),
    },
  };
}

/** Creates an observer for one operation, which gives each call of a resolver a span until there are too many. */
export function createFieldTrace(): ObserveField {
  let spans = 0;
  return (parentType, field, call) => {
    spans += 1;
    if (spans > MOST_SPANS) {
      return call();
    }
    const name = `${parentType}.${field}`;
    return observeCall({ name, attributes: { 'graphql.field.coordinate': name } }, call);
  };
}
