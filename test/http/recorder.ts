import type { ApolloServerPlugin, GraphQLRequestExecutionListener, GraphQLRequestListener } from '@apollo/server';
import { type GraphQLResolveInfo, print } from 'graphql';
import type { RequestContext } from '../../src/context.ts';

/** The hooks that were called for one request, and the fields, whose order depends on the database. */
export interface Recording {
  readonly hooks: readonly string[];
  readonly fields: readonly string[];
}

/** The part of an execution that a plugin follows. */
type Followed = 'fields' | 'its end' | 'nothing';

/** A plugin that records each hook. */
export class Recorder {
  readonly plugin: ApolloServerPlugin<RequestContext>;
  #hooks: string[] = [];
  #fields: string[] = [];

  /** @param follows the part of executions that the plugin has hooks for */
  constructor(follows: Followed) {
    const note = (hook: string): void => void this.#hooks.push(hook);
    this.plugin = {
      contextCreationDidFail: async () => note('contextCreationDidFail'),
      invalidRequestWasReceived: async () => note('invalidRequestWasReceived'),
      unexpectedErrorProcessingRequest: async () => note('unexpectedErrorProcessingRequest'),
      requestDidStart: async ({ request, contextValue }) => {
        const { query, operationName, variables, http } = request;
        note(`requestDidStart ${http?.method} ${[query, operationName, contextValue.viewer.id === null].join()}`);
        note(JSON.stringify(variables) ?? 'no variables');
        return this.#listener(note, follows);
      },
    };
  }

  /** Returns the recording of the last request, and starts another. @param namesOnly leaves out all but names */
  take(namesOnly: boolean): Recording {
    const hooks = namesOnly ? this.#hooks.map((hook) => hook.split(' ', 1)[0] ?? '') : this.#hooks;
    const recording = { hooks, fields: this.#fields.toSorted() };
    [this.#hooks, this.#fields] = [[], []];
    return recording;
  }

  #listener(note: (hook: string) => void, follows: Followed): GraphQLRequestListener<RequestContext> {
    return {
      didResolveSource: async ({ source, queryHash }) => note(`didResolveSource ${source.length} ${queryHash.length}`),
      parsingDidStart: async () => {
        note('parsingDidStart');
        return async (error) => note(`parsingDidEnd ${error?.message}`);
      },
      validationDidStart: async ({ document }) => {
        note(`validationDidStart ${document.definitions.length > 0}`);
        return async (errors) => note(`validationDidEnd ${errors?.length}`);
      },
      didResolveOperation: async ({ document, operation, operationName }) =>
        note(`didResolveOperation ${print(document).length} ${operation?.operation} ${operationName}`),
      responseForOperation: async () => {
        note('responseForOperation');
        return null;
      },
      ...(follows !== 'nothing' && {
        executionDidStart: async () => {
          note('executionDidStart');
          return this.#executionListener(note, follows === 'fields');
        },
      }),
      didEncounterErrors: async ({ errors, document, operation }) => {
        note(`didEncounterErrors ${errors.length} ${document?.kind} ${operation?.kind}`);
        errors.forEach(({ name, path, nodes, originalError, extensions }) =>
          note(
            `error ${name} ${path?.join('.')} ${nodes?.[0]?.kind} ${originalError?.name} ${JSON.stringify(extensions)}`,
          ),
        );
      },
      willSendResponse: async ({ response, errors }) => {
        const { body, http } = response;
        const data = body.kind === 'single' ? body.singleResult.data : null;
        note(`willSendResponse ${http.status} ${body.kind} ${errors?.length} ${Object.keys(data ?? {}).join()}`);
      },
    };
  }

  #executionListener(
    note: (hook: string) => void,
    withFields: boolean,
  ): GraphQLRequestExecutionListener<RequestContext> {
    return {
      executionDidEnd: async (error) => note(`executionDidEnd ${error !== undefined}`),
      ...(withFields && {
        willResolveField: ({ info, args }) => {
          const field = describeField(info);
          this.#fields.push(`will ${field} ${JSON.stringify(args)}`);
          return (error, value) => {
            this.#fields.push(`did ${field} ${error?.message} ${value === null} ${Array.isArray(value)}`);
          };
        },
      }),
    };
  }
}

function describeField({ parentType, fieldName, path }: GraphQLResolveInfo): string {
  const keys: (string | number)[] = [];
  for (let at: GraphQLResolveInfo['path'] | undefined = path; at !== undefined; at = at.prev) {
    keys.unshift(at.key);
  }
  return `${parentType.name}.${fieldName} ${keys.join('.')}`;
}
